/**
 * What decoding finds out on its way through a tree. Reading goes on after a value of the wrong type, and the first
 * such value decides; fields that are unknown or given twice only count when every type was right.
 * Source: sigs.k8s.io/json (`decode.go`, `kubernetes_patch.go`), revision 20250730193827.
 */
import { goQuote } from '../../../api/index.ts';

/** A value that no Go type of the configuration can hold; the message is Go's. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** Go stops counting here. */
const STRICT_ERRORS_MAX = 100;

export class Reader {
  /** Fields that are unknown or given twice. */
  readonly strictErrors: string[] = [];
  private firstTypeError: string | undefined;
  private struct = '';
  private readonly fields: string[] = [];
  private path = '';

  /** `what` is Go's name for the value, `goType` the type that cannot hold it. */
  wrongType(what: string, goType: string): void {
    this.firstTypeError ??= this.typeMessage(what, goType);
  }

  /** As `wrongType`, for types that decode themselves: reading ends here. */
  stopAtWrongType(what: string, goType: string): never {
    throw new DecodeError(this.typeMessage(what, goType));
  }

  otherError(message: string): void {
    this.firstTypeError ??= message;
  }

  unknownField(key: string): void {
    this.addStrict(`unknown field ${goQuote(join(this.path, key))}`);
  }

  duplicateField(key: string): void {
    this.addStrict(`duplicate field ${goQuote(join(this.path, key))}`);
  }

  /** `embeddedIn`: the Go struct that the field's struct embeds to have it. */
  inField<T>(struct: string, key: string, embeddedIn: string | undefined, read: () => T): T {
    const { path, struct: outer } = this;
    const depth = this.fields.length;
    if (embeddedIn !== undefined) this.fields.push(embeddedIn);
    this.fields.push(key);
    this.struct = struct;
    this.path = join(path, key);
    const result = read();
    this.fields.length = depth;
    this.struct = outer;
    this.path = path;
    return result;
  }

  /** A map's key counts in paths, not in messages about types. */
  inKey<T>(key: string, read: () => T): T {
    return this.below(join(this.path, key), read);
  }

  inItem<T>(index: number, read: () => T): T {
    return this.below(`${this.path}[${index}]`, read);
  }

  /** Throws DecodeError when some value had the wrong type. */
  finish(): void {
    if (this.firstTypeError !== undefined) throw new DecodeError(this.firstTypeError);
  }

  private below<T>(path: string, read: () => T): T {
    const outer = this.path;
    this.path = path;
    const result = read();
    this.path = outer;
    return result;
  }

  private typeMessage(what: string, goType: string): string {
    const target = this.fields.length === 0 ? 'Go value' : `Go struct field ${this.struct}.${this.fields.join('.')}`;
    return `json: cannot unmarshal ${what} into ${target} of type ${goType}`;
  }

  private addStrict(message: string): void {
    if (this.strictErrors.length < STRICT_ERRORS_MAX && !this.strictErrors.includes(message)) {
      this.strictErrors.push(message);
    }
  }
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
