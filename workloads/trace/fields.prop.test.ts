/** The byte loop against the obvious way to split and read text; bytes in any packing and any chunks. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteSource } from './byte-source.ts';
import { COMMA, Fields, type Layout, LineReader, readFields } from './fields.ts';
import { withFiles } from './import.fixture.ts';
import { Tally } from './refusals.ts';

const LAYOUT: Layout = { table: 't', columns: ['a'], separator: COMMA };
const fieldsOf = (text: string, layout = LAYOUT): Fields => {
  const row = new Fields('f.csv', layout);
  const bytes = Buffer.from(text);
  row.split(bytes, 0, bytes.length);
  return row;
};

describe('fields', () => {
  const field = fc.string({ unit: fc.constantFrom(...'abc0123456789.- é'), maxLength: 30 });

  test('are what String.split gives, without the blanks around them', () => {
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 12 }), (texts) => {
        const row = fieldsOf(texts.join(','));
        expect(Array.from({ length: row.count }, (_, i) => row.text(i))).toEqual(texts.map((text) => text.trim()));
      }),
    );
  });

  test('between blanks, runs of them count once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z0-9]{1,20}$/), { minLength: 1, maxLength: 12 }),
        fc.constantFrom(' ', '   ', '\t '),
        (texts, gap) => {
          const row = fieldsOf(`${gap}${texts.join(gap)}${gap}`, { ...LAYOUT, separator: 'blank' });
          expect(Array.from({ length: row.count }, (_, i) => row.text(i))).toEqual(texts);
        },
      ),
    );
  });

  test('numbers are those of the language, to the last bit', () => {
    const decimal = fc
      .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.stringMatching(/^\d{0,20}$/))
      .map(([whole, rest]) => (rest === '' ? String(whole) : `${whole}.${rest}`));
    const any = fc.oneof(
      decimal,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.bigInt({ min: 0n, max: 2n ** 63n }).map(String),
    );
    fc.assert(
      fc.property(any, (text) => {
        expect(fieldsOf(text).number(0)).toBe(Number(text));
      }),
      { numRuns: 2000 },
    );
  });

  test.each(['', ' '])('an empty field (%j) is no number', (text) => expect(fieldsOf(text).number(0)).toBeNaN());

  test.each(['x', '1e', '0x10', '1 2', '--1', 'Infinity', 'NaN'])('%j is refused', (text) => {
    expect(() => fieldsOf(text).number(0)).toThrow(
      `f.csv: 0, column a: ${JSON.stringify(text)} is not a number`.replace('f.csv: 0', 'f.csv:0'),
    );
  });

  test('a quote is refused, since these tables have none', () => {
    expect(() => fieldsOf('"a,b"').text(0)).toThrow('quotes are not part of this format');
  });

  test('hashes tell apart what differs by a byte', () => {
    const seen = new Set(Array.from({ length: 20_000 }, (_, i) => fieldsOf(`id-${i}`).hash(0)));
    expect(seen.size).toBe(20_000);
    expect(fieldsOf('abc').hash(0)).toBe(fieldsOf('abc,').hash(0));
  });
});

test('lines are those of the text, however its bytes are cut into chunks', () => {
  const line = fc.string({ unit: fc.constantFrom(...'ab,é'), maxLength: 8 });
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 8 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.integer({ min: 1, max: 7 }),
      (lines, feed, hasLast, size) => {
        const bytes = Buffer.from(lines.join(feed) + (hasLast ? feed : ''));
        const found: string[] = [];
        const reader = new LineReader((buffer, from, end) => found.push(buffer.toString('utf8', from, end)));
        for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
        reader.end();
        const wanted = bytes.toString() === '' ? [] : bytes.toString().split(feed);
        if (wanted.at(-1) === '') wanted.pop();
        expect(found).toEqual(wanted);
      },
    ),
  );
});

describe('packings', () => {
  const text = Array.from({ length: 40_000 }, (_, i) => `${i},${i * 7}`).join('\n');

  async function sums(file: string): Promise<number> {
    let sum = 0;
    await readFields(file, { table: 't', columns: ['a', 'b'], separator: COMMA }, new Tally('stop'), (row) => {
      sum += row.whole(0) + row.whole(1);
    });
    return sum;
  }

  test('plain and gzip are told apart by their bytes, not their names', async () => {
    await withFiles({ 'plain.gz': text, 'packed.csv': gzipSync(text) }, async (dir) => {
      const wanted = (8 * (40_000 * 39_999)) / 2;
      expect([await sums(`${dir}/plain.gz`), await sums(`${dir}/packed.csv`)]).toEqual([wanted, wanted]);
    });
  });

  test('size and digest are of the file as it is stored', async () => {
    await withFiles({ 'a.gz': gzipSync('x') }, async (dir) => {
      const source = new ByteSource(`${dir}/a.gz`);
      let content = '';
      for await (const chunk of source) content += Buffer.from(chunk).toString();
      expect([content, source.source().bytes]).toEqual(['x', gzipSync('x').length]);
      expect(source.source().sha256).toMatch(/^[0-9a-f]{64}$/);
    });
  });

  test.each([
    ['cut.gz', gzipSync(text).subarray(0, 500), 'cut.gz: not a whole gzip file; fetch it again'],
    ['cut.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff]), 'cut.zst: not a whole Zstandard file'],
    [
      'a.tar',
      Buffer.concat([Buffer.alloc(257, 65), Buffer.from('ustar'), Buffer.alloc(250)]),
      'a.tar: a tar archive; unpack it and name the file inside',
    ],
  ])('%s', async (name, content, message) => {
    await withFiles({ [name]: content }, async (dir) => {
      await expect(sums(`${dir}/${name}`)).rejects.toThrow(message);
      await expect(sums(`${dir}/none`)).rejects.toThrow('none: no such file');
    });
  });
});
