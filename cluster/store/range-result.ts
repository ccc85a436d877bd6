/** What `RangeOptions` ask of the keys found. Source: etcd v3.4 `etcdserver/apply.go` (applierV3backend.Range). */
import type { KeyValue, RangeOptions } from './store.ts';
import type { Value } from './value.ts';
import type { Version } from './version.ts';

/** True when the limit may only be applied once all keys are known. */
export const needsAllKeys = (options: RangeOptions): boolean => options.sort !== undefined || hasFilter(options);

const hasFilter = ({ minModRevision, maxModRevision, minCreateRevision, maxCreateRevision }: RangeOptions): boolean =>
  Boolean(minModRevision || maxModRevision || minCreateRevision || maxCreateRevision);

export function filtered(kvs: Version[], options: RangeOptions): Version[] {
  if (!hasFilter(options)) return kvs;
  const { minModRevision: minMod, maxModRevision: maxMod } = options;
  const { minCreateRevision: minCreate, maxCreateRevision: maxCreate } = options;
  return kvs.filter(
    ({ modRevision, createRevision }) =>
      !(minMod && modRevision < minMod) &&
      !(maxMod && modRevision > maxMod) &&
      !(minCreate && createRevision < minCreate) &&
      !(maxCreate && createRevision > maxCreate),
  );
}

/** In place; equal ones stay in key order. */
export function sortKvs(kvs: Version[], sort: NonNullable<RangeOptions['sort']>): void {
  const sign = sort.descending ? -1 : 1;
  if (sort.by === 'key') {
    // They come in key order.
    if (sort.descending) kvs.reverse();
    return;
  }
  const compare = {
    version: (a: KeyValue, b: KeyValue) => a.version - b.version,
    create: (a: KeyValue, b: KeyValue) => a.createRevision - b.createRevision,
    mod: (a: KeyValue, b: KeyValue) => a.modRevision - b.modRevision,
    value: (a: KeyValue, b: KeyValue) => compareBytes(a.value, b.value),
  }[sort.by];
  kvs.sort((a, b) => sign * compare(a, b));
}

export function compareBytes(a: Value, b: Value): number {
  return a === b ? 0 : Buffer.compare(a.bytes, b.bytes);
}
