/**
 * When two answers say the same: what differs from run to run is taken out on both sides, but not that it is there.
 */

type Fields = Record<string, unknown>;

/** Values of these fields differ from run to run; that there is one does not. */
const VARYING = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'lastTransitionTime',
  'lastHeartbeatTime',
]);
/** What the recording does without: `description` is that of the columns of a table. */
const LEFT_OUT = new Set(['managedFields', 'description']);
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const AGE = /^\d+(?:s|m|h|d)\d*[smhd]?$/;
const TIME = /^\d{4}-\d\d-\d\dT[\d:]+Z$/;
const GENERATED = /^(gg-|j1-)[bcdfghjklmnpqrstvwxz2456789]{5}$/;

export function comparable(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => comparable(item, field === 'cells' ? 'cells' : ''));
  if (isFields(value)) {
    const fields: Fields = {};
    for (const [key, inner] of Object.entries(value)) {
      if (!LEFT_OUT.has(key) && inner !== undefined) fields[key] = comparable(inner, key);
    }
    return fields;
  }
  return typeof value === 'string' ? comparableText(value, field) : value;
}

function comparableText(text: string, field: string): unknown {
  if (VARYING.has(field)) return `<${field}>`;
  if (field === 'continue') return continuation(text);
  if (field === 'cells' && AGE.test(text)) return '<age>';
  if (field === 'name') return text.replace(GENERATED, '$1<suffix>');
  if (field === 'message') return message(text);
  return TIME.test(text) ? '<time>' : text;
}

const message = (text: string): string =>
  text
    .replace(UUID, '<uid>')
    .replace(/(too old resource version: \d+) \(\d+\)/, '$1 (<revision>)')
    .replace(/current: \d+/, 'current: <revision>')
    // Behind the refusal stands a comparison of Go structs line by line, by their place in a dump.
    .replace(/\n@@.*$/s, '');

/** Where a list goes on, without the revision. */
function continuation(token: string): unknown {
  const { rv: _, ...rest } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { rv: number };
  return rest;
}

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
