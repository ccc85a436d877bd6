/**
 * Answers without what cannot repeat: UIDs, times, resource versions, and what is made of them. The difference of upstream's
 * internal form at the end of one message is cut on both sides.
 */

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
const GENERATED = /^(gg-|j1-)[bcdfghjklmnpqrstvwxz2456789]{5}$/;

export function comparable(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => comparable(item, field === 'cells' ? 'cells' : ''));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, item]) => {
        return LEFT_OUT.has(key) || item === undefined ? [] : [[key, comparable(item, key)]];
      }),
    );
  }
  if (typeof value !== 'string') return value;
  if (VARYING.has(field)) return `<${field}>`;
  if (field === 'continue') return continuation(value);
  if (field === 'cells' && AGE.test(value)) return '<age>';
  if (field === 'name' && GENERATED.test(value)) return value.replace(GENERATED, '$1<suffix>');
  if (field === 'message') return message(value);
  return /^\d{4}-\d\d-\d\dT[\d:]+Z$/.test(value) ? '<time>' : value;
}

const message = (text: string): string =>
  text
    .replace(UUID, '<uid>')
    .replace(/(too old resource version: \d+) \(\d+\)/, '$1 (<revision>)')
    .replace(/current: \d+/, 'current: <revision>')
    .replace(/\n@@.*$/s, '');

/** Where a list goes on, without the revision. */
function continuation(token: string): unknown {
  const { rv: _, ...rest } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { rv: number };
  return rest;
}
