/**
 * A value of the store: bytes, or an object by reference that becomes bytes only where somebody asks for them. In memory an
 * object is never serialised; on disk and over the network it is JSON.
 */
const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Value {
  static readonly empty = new Value(EMPTY, undefined);
  private held: Uint8Array | undefined;
  private decoded: unknown;

  private constructor(bytes: Uint8Array | undefined, decoded: unknown) {
    this.held = bytes;
    this.decoded = decoded;
  }

  /** Of an object that nobody changes any more. */
  static of(object: object): Value {
    return new Value(undefined, object);
  }

  static ofBytes(bytes: Uint8Array): Value {
    return bytes.length === 0 ? Value.empty : new Value(bytes, undefined);
  }

  static ofText(text: string): Value {
    return Value.ofBytes(encoder.encode(text));
  }

  get isEmpty(): boolean {
    return this.held !== undefined && this.held.length === 0;
  }

  /** 0 for an object that nobody has asked the bytes of. */
  get heldBytes(): number {
    return this.held === undefined ? 0 : this.held.length;
  }

  /** Computed at the first use and kept. */
  get bytes(): Uint8Array {
    this.held ??= encoder.encode(JSON.stringify(this.decoded));
    return this.held;
  }

  get text(): string {
    return decoder.decode(this.bytes);
  }

  /** The JSON that the bytes are; parsed at the first use and kept. Throws a SyntaxError where they are none. */
  get object(): unknown {
    this.decoded ??= JSON.parse(this.text);
    return this.decoded;
  }
}
