/**
 * The process that is killed: writes as fast as it can from many clients at once, and says what it was told. One line per
 * acknowledged write (`A revision key value`) and per event of a watch that resumes where the last process ended
 * (`E revision key value`).
 *
 * Arguments: folder, run, first revision to watch.
 */
import { openEmbeddedStore, type Store, Value } from '../../cluster/store/index.ts';

const CLIENTS = 24;
const KEYS = 400;
const COMPACT_EVERY = 700;
const KEEP_REVISIONS = 300;

const [folder, run, watchFrom] = process.argv.slice(2);
const store: Store = openEmbeddedStore({ folder });
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

store.watch(
  { key: 'k/', rangeEnd: 'k0', startRevision: Number(watchFrom) },
  {
    events(events) {
      for (const { kv, type } of events) say(`E ${kv.modRevision} ${kv.key} ${type === 'put' ? kv.value.text : '-'}`);
    },
    canceled(error) {
      say(`X ${error.message}`);
    },
  },
);
say('R');

let written = 0;

/** Puts, with every third a deletion or two keys at once; values of all lengths, so that every kind of page is written. */
function next(client: number): void {
  const count = written++;
  const key = `k/${(count * 7919 + client * 31) % KEYS}`;
  const value = `${run}.${client}.${count}${'x'.repeat((count * 37) % 3000)}`;
  const isDeletion = count % 9 === 0;
  const success = isDeletion
    ? [{ type: 'delete' as const, key }]
    : [{ type: 'put' as const, key, value: Value.ofText(value) }];
  const before = count % 5 === 0 ? [{ type: 'put' as const, key: `k/pair-${client}`, value: Value.ofText(value) }] : [];
  store.txn({ compare: [], success: [...before, ...success] }, (error, result) => {
    if (error !== undefined) {
      say(`X ${error.message}`);
      return;
    }
    const deleted = result.responses[result.responses.length - 1];
    const isChange = deleted.type !== 'delete' || deleted.deleted > 0;
    if (isChange) say(`A ${result.revision} ${key} ${isDeletion ? '-' : value}`);
    if (count % COMPACT_EVERY === COMPACT_EVERY - 1) {
      store.compact(Math.max(1, result.revision - KEEP_REVISIONS), () => {});
    }
    setImmediate(next, client);
  });
}

for (let client = 0; client < CLIENTS; client++) next(client);
