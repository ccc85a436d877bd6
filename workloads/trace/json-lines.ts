/** JSON objects, one per line. Errors name file, line and field. */
import { InputError } from '../../api/index.ts';
import { ByteSource } from './byte-source.ts';
import { LineReader } from './fields.ts';
import { located, type Tally } from './refusals.ts';

export type JsonRow = Readonly<Record<string, unknown>>;

export async function readJsonLines(
  file: string,
  table: string,
  tally: Tally,
  onRow: (row: JsonRow) => void,
): Promise<void> {
  const source = new ByteSource(file);
  tally.begin(table, source.name);
  let line = 0;
  const reader = new LineReader((bytes, from, end) => {
    line++;
    if (from === end) return;
    tally.row();
    try {
      onRow(parse(bytes.toString('utf8', from, end), source.name, line));
    } catch (error) {
      tally.refuse(located(error, source.name, line));
    }
  });
  for await (const chunk of source) reader.push(chunk);
  reader.end();
  tally.end(source.source());
}

function parse(text: string, file: string, line: number): JsonRow {
  let row: unknown;
  try {
    // 64-bit ids do not fit a double: they are kept as text.
    row = JSON.parse(text.replace(/(":\s*)(-?\d{16,})(?=\s*[,}\]])/g, '$1"$2"'));
  } catch (error) {
    throw new InputError(`not JSON: ${(error as Error).message}`, { file, line });
  }
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as JsonRow;
  throw new InputError('an object is expected', { file, line });
}
