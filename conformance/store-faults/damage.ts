/**
 * Changes a bit of a store's file, or cuts it off, and opens it: it is refused with a reason, or holds exactly what it held.
 * Anything else would be silently wrong. One that opens is written to and opened once more.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, openEmbeddedStore, type Store, StoreError, Value } from '../../cluster/store/index.ts';

export interface DamageCounts {
  bits: number;
  truncations: number;
  refused: number;
  /** The change was in space that nothing is read from. */
  unharmed: number;
  failures: string[];
}

const DATA_FILE = 'store.mdb';

export async function runDamage(folder: string, cases: number, random: () => number): Promise<DamageCounts> {
  const counts: DamageCounts = { bits: 0, truncations: 0, refused: 0, unharmed: 0, failures: [] };
  const original = join(folder, 'original');
  await fill(original);
  const expected = await contentOf(original);
  const bytes = readFileSync(join(original, DATA_FILE));
  for (let index = 0; index < cases; index++) {
    const victim = join(folder, `victim-${index}`);
    mkdirSync(victim);
    const path = join(victim, DATA_FILE);
    copyFileSync(join(original, DATA_FILE), path);
    const isCut = index % 5 === 0;
    // Every fourth bit is one of the pages that all depends on.
    const within = index % 4 === 1 ? 2 * 4096 : bytes.length;
    const at = Math.floor(random() * within);
    const bit = Math.floor(random() * 8);
    if (isCut) counts.truncations++;
    else counts.bits++;
    writeFileSync(path, isCut ? bytes.subarray(0, Math.floor(random() * bytes.length)) : flipped(bytes, at, bit));
    const what = isCut ? 'cut off' : `bit ${bit} of byte ${at}`;
    try {
      const found = await contentOf(victim);
      if (found !== expected) counts.failures.push(`${what}: opened with other content`);
      else {
        await writeAndReopen(victim);
        counts.unharmed++;
      }
    } catch (error) {
      if (error instanceof StoreError && error.code === 'Corrupt') counts.refused++;
      else counts.failures.push(`${what}: ${String(error)}`);
    }
    rmSync(victim, { recursive: true });
  }
  return counts;
}

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] ^= 1 << bit;
  return copy;
}

async function fill(folder: string): Promise<void> {
  const store: Store = openEmbeddedStore({ folder });
  await ask((answer: Parameters<Store['leaseGrant']>[2]) => store.leaseGrant(1000, 5, answer));
  for (let round = 0; round < 12; round++) {
    for (let key = 0; key < 60; key++) {
      const value = Value.ofText(`${round} ${'y'.repeat((key * 97 + round) % 5000)}`);
      await ask((answer: Parameters<Store['txn']>[1]) =>
        store.txn({ compare: [], success: [{ type: 'put', key: `k${key}`, value }] }, answer),
      );
    }
    if (round === 8) await ask<void>((answer) => store.compact(300, answer));
  }
  await ask<void>((answer) => store.close(answer));
}

/** Everything that a client can read, from the compacted revision on. */
async function contentOf(folder: string): Promise<string> {
  const store: Store = openEmbeddedStore({ folder });
  try {
    const status = await ask((answer: Parameters<Store['status']>[0]) => store.status(answer));
    const leases = await ask((answer: Parameters<Store['leases']>[0]) => store.leases(answer));
    const lines = [`${status.revision} ${status.compactRevision} ${status.keys} ${leases.join()}`];
    const { kvs } = await ask((answer: Parameters<Store['range']>[2]) =>
      store.range({ key: '\0', rangeEnd: '\0' }, {}, answer),
    );
    for (const kv of kvs) lines.push(`${kv.key} ${kv.value.text} ${kv.createRevision} ${kv.version} ${kv.lease}`);
    store.watch(
      { key: '\0', rangeEnd: '\0', startRevision: status.compactRevision, prevKv: true },
      {
        events(events) {
          for (const { type, kv, prevKv } of events) {
            lines.push(`${type} ${kv.modRevision} ${kv.key} ${kv.value.text} ${prevKv?.value.text}`);
          }
        },
      },
    );
    return lines.join('\n');
  } finally {
    await ask<void>((answer) => store.close(answer));
  }
}

/** What LMDB does with the file afterwards must hold as well. */
async function writeAndReopen(folder: string): Promise<void> {
  const store: Store = openEmbeddedStore({ folder });
  for (let index = 0; index < 10; index++) {
    const value = Value.ofText('z'.repeat(index * 700));
    await ask((answer: Parameters<Store['txn']>[1]) =>
      store.txn({ compare: [], success: [{ type: 'put', key: `after${index}`, value }] }, answer),
    );
  }
  await ask<void>((answer) => store.compact(600, answer));
  await ask<void>((answer) => store.close(answer));
  await contentOf(folder);
}
