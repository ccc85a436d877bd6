/** One consistent revision of a store, taken by reference: writes go on while it is being written out. */
import { ask } from '../ask.ts';
import { FROM_KEY_END } from '../key-order.ts';
import { MvccStore } from '../mvcc-store.ts';
import type { KeyValue, LeaseStatus, RangeResult, Store } from '../store.ts';
import { Version } from '../version.ts';

export interface Capture {
  readonly revision: number;
  readonly compactRevision: number;
  readonly leases: readonly { readonly id: number; readonly ttlS: number }[];
  /** By revision and place in it. */
  readonly versions: readonly Version[];
}

const PAGE_KEYS = 1000;

/** Of our own stores with all history since the last compaction; of an etcd the current state alone. */
export async function capture(store: Store): Promise<Capture> {
  if (!(store instanceof MvccStore)) return captureByReading(store);
  const taken = captureByReference(store);
  // Answered only once all that was taken is on disk.
  await ask((answer: Parameters<Store['range']>[2]) => store.range({ key: FROM_KEY_END }, {}, answer));
  return taken;
}

function captureByReference({ mvcc, leaseTtls }: MvccStore): Capture {
  const versions: Version[] = [];
  for (const record of mvcc.allRecords) versions.push(...record.versions());
  versions.sort(inOrder);
  return { revision: mvcc.revision, compactRevision: mvcc.compactRevision, leases: leaseTtls, versions };
}

async function captureByReading(store: Store): Promise<Capture> {
  const page = (key: string, revision: number | undefined): Promise<RangeResult> =>
    ask((answer) => store.range({ key, rangeEnd: FROM_KEY_END }, { revision, limit: PAGE_KEYS }, answer));
  const kvs: KeyValue[] = [];
  let next = FROM_KEY_END;
  let revision: number | undefined;
  for (let more = true; more; ) {
    const found = await page(next, revision);
    revision ??= found.revision;
    kvs.push(...found.kvs);
    more = found.more;
    // The first key behind the last one.
    next = `${kvs[kvs.length - 1]?.key}\0`;
  }
  const ids = await ask((answer: Parameters<Store['leases']>[0]) => store.leases(answer));
  const leases = await Promise.all(ids.map((id) => ask<LeaseStatus>((answer) => store.leaseTimeToLive(id, answer))));
  return {
    revision: revision!,
    compactRevision: revision!,
    leases: leases.filter(({ ttlS }) => ttlS >= 0).map(({ id, grantedTtlS }) => ({ id, ttlS: grantedTtlS })),
    versions: versionsOf(kvs),
  };
}

/** Keys of one revision are numbered in their order. */
function versionsOf(kvs: readonly KeyValue[]): Version[] {
  const sorted = [...kvs].sort((a, b) => a.modRevision - b.modRevision);
  let sub = 0;
  return sorted.map(({ key, value, createRevision, modRevision, version, lease }, index) => {
    sub = index > 0 && sorted[index - 1].modRevision === modRevision ? sub + 1 : 0;
    return new Version(key, value, createRevision, modRevision, version, lease, sub, undefined);
  });
}

const inOrder = (a: Version, b: Version): number => a.modRevision - b.modRevision || a.sub - b.sub;
