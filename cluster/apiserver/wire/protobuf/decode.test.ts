import { describe, expect, it } from 'vitest';
import { decodeProtobuf } from './decode.ts';
import { ENCODED } from './encoded.fixture.ts';
import { ProtobufError } from './reader.ts';

/** What Go's JSON writes and protobuf has no room for: nulls, and empty structs that are always written. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, inner) =>
    inner === null || (typeof inner === 'object' && Object.keys(inner).length === 0) ? undefined : inner,
  );

describe('decodeProtobuf', () => {
  it.each(ENCODED.map(([bytes, json]) => [(JSON.parse(json) as { kind: string }).kind, bytes, json]))(
    'reads a %s as its JSON',
    (_, bytes, json) => {
      expect(plain(decodeProtobuf(Buffer.from(bytes, 'base64')))).toEqual(plain(JSON.parse(json)));
    },
  );
  it('knows no kind without a table', () => {
    const body = Buffer.concat([Buffer.from('k8s\0'), Buffer.from([0x0a, 4, 0x12, 2]), Buffer.from('Xy')]);
    expect(decodeProtobuf(body)).toBeUndefined();
  });
  it('refuses what is cut off, anywhere, or has flipped bits, and never hangs', () => {
    for (const [text] of ENCODED) {
      const bytes = Buffer.from(text, 'base64');
      for (let length = 0; length < bytes.length; length++) attempt(bytes.subarray(0, length));
      for (let at = 0; at < bytes.length; at++) {
        const flipped = Buffer.from(bytes);
        flipped[at]! ^= 0xff;
        attempt(flipped);
      }
    }
    expect(() => decodeProtobuf(Buffer.from('{"kind":"Pod"}'))).toThrow(ProtobufError);
  });
});

function attempt(bytes: Uint8Array): void {
  try {
    decodeProtobuf(bytes);
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
  }
}
