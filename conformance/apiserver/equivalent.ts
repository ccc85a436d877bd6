/** When two answers say the same: what differs from run to run is taken out on both sides. */

type Fields = Record<string, unknown>;

/** Fields that no two servers have alike, or that the recording left out. */
const LEFT_OUT = new Set([
  // What a controller of the recorded cluster wrote.
  'node.alpha.kubernetes.io/ttl',
  'uid',
  'resourceVersion',
  'managedFields',
  'description',
  'continue',
  'remainingItemCount',
]);
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

export function comparable(value: unknown): unknown {
  if (typeof value === 'string') return comparableText(value);
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const fields: Fields = {};
  for (const [key, inner] of Object.entries(value)) if (!LEFT_OUT.has(key)) fields[key] = comparable(inner);
  if (isFields(fields.annotations) && Object.keys(fields.annotations).length === 0) delete fields.annotations;
  const { generateName } = fields;
  if (typeof generateName === 'string') fields.name = `${generateName}*`;
  return fields;
}

const comparableText = (text: string): string =>
  text
    .replace(TIME, '<time>')
    .replace(UUID, '<uid>')
    .replace(/current: \d+/, 'current: <n>')
    .replace(/(too old resource version: \d+) \(\d+\)/, '$1 (<n>)')
    // Behind the refusal stands a comparison of Go structs line by line, by their place in a dump.
    .replace(/\n@@ -[\s\S]*$/, '')
    .replace(/^\d+s$/, '<age>');

/** The first difference, as a path and both values; undefined for none. */
export function firstDifference(expected: unknown, actual: unknown, path = ''): string | undefined {
  if (expected === actual) return undefined;
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) return `${path}: ${expected.length} items recorded, ${actual.length} given`;
    for (let i = 0; i < expected.length; i++) {
      const difference = firstDifference(expected[i], actual[i], `${path}[${i}]`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  if (isFields(expected) && isFields(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const difference = firstDifference(expected[key], actual[key], path === '' ? key : `${path}.${key}`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return `${path || 'body'}: ${short(expected)} recorded, ${short(actual)} given`;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
