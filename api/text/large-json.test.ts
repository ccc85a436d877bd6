import { describe, expect, it } from 'vitest';
import { largeJsonDocuments } from './large-json.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const BATCH_BYTES = 1000;
const read = (text: string): unknown[] => [...largeJsonDocuments(bytes(text), 'big.json', BATCH_BYTES)];

/** Many batches, with all that could lead a scanner of brackets and quotes astray. */
const items = Array.from({ length: 900 }, (_, i) => ({
  name: `pod-${i}`,
  text: `${'x'.repeat(i)} "quoted" \\ {[${i}]} é 日本`,
  nested: [[], {}, [{ a: null }], -1.5e3, true],
}));
const document = { apiVersion: 'v1', kind: 'List', items, metadata: { resourceVersion: '' } };

describe('JSON that is read in batches', () => {
  it('comes out as JSON.parse would have it', () => {
    expect(read(JSON.stringify(document))).toEqual([document]);
    expect(read(`\n${JSON.stringify(document, null, 4)}\n`)).toEqual([document]);
  });

  it('may hold small documents before and after the large one', () => {
    expect(read(`{"a":1}\n${JSON.stringify(document)} {"b":"}"}`)).toEqual([{ a: 1 }, document, { b: '}' }]);
  });

  it('tells where it is broken', () => {
    const lines = items.map((item) => JSON.stringify(item));
    lines[800] = '{"name": oops}';
    const text = `{"kind":"List","items":[\n${lines.join(',\n')}\n]}`;
    expect(() => read(text)).toThrow("big.json:802:10: not JSON: invalid character 'o' looking for beginning of value");
  });

  it('tells that it ends too early', () => {
    const text = JSON.stringify(document);
    for (const cut of [1, 40, 41, 500]) {
      expect(() => read(text.slice(0, -cut))).toThrow('not JSON: unexpected end of JSON input');
    }
  });
});
