/** Reads the protobuf wire format (proto2, without groups), refusing what is cut off or too long. */

/** Something that is no protobuf of the kind expected. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

export interface RawField {
  readonly number: number;
  readonly wireType: 0 | 1 | 2 | 5;
  /** Of wire types 0, 1 and 5. */
  readonly integer: bigint;
  /** Of wire type 2. */
  readonly bytes: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

export function* readFields(bytes: Uint8Array): Generator<RawField> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;

  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= bytes.length) throw new ProtobufError('unexpected EOF');
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError('integer overflow');
  };
  const take = (length: number): number => {
    if (length > bytes.length - at) throw new ProtobufError('unexpected EOF');
    at += length;
    return at - length;
  };

  while (at < bytes.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const wireType = Number(tag & 7n);
    if (number < 1 || number > 0x1fffffff) throw new ProtobufError(`illegal tag ${number}`);
    switch (wireType) {
      case 0:
        yield { number, wireType, integer: varint(), bytes: NO_BYTES };
        break;
      case 1:
        yield { number, wireType, integer: view.getBigUint64(take(8), true), bytes: NO_BYTES };
        break;
      case 2: {
        const length = varint();
        if (length > BigInt(bytes.length)) throw new ProtobufError('unexpected EOF');
        const start = take(Number(length));
        yield { number, wireType, integer: 0n, bytes: bytes.subarray(start, at) };
        break;
      }
      case 5:
        yield { number, wireType, integer: BigInt(view.getUint32(take(4), true)), bytes: NO_BYTES };
        break;
      default:
        throw new ProtobufError(`illegal wireType ${wireType}`);
    }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ProtobufError('string field contains invalid UTF-8');
  }
}
