/** The bytes that Go's `encoding/json` writes for a map: keys sorted, `<`, `>` and `&` escaped. Hashes of upstream are of these. */

const ESCAPED: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

const textOf = (text: string): string => JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (char) => ESCAPED[char]!);

export function goJson(value: unknown): string {
  if (typeof value === 'string') return textOf(value);
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${textOf(key)}:${goJson(field)}`).join(',')}}`;
}
