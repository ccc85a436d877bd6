/**
 * Objects of one namespace by name. A listing is in the order of their keys: what has come since the last one is sorted in
 * when somebody lists.
 */
import type { KubeObject } from '../../../api/index.ts';
import type { KeyValue } from '../../store/index.ts';

/** What was there at the start is decoded when somebody wants it. */
type Entry = KubeObject | KeyValue;

export class Partition {
  private readonly byName = new Map<string, Entry>();
  private readonly decode: (kv: KeyValue) => KubeObject;
  private sorted: string[] = [];
  private fresh: string[] = [];
  /** Names that are in `sorted` but gone. */
  private gone = 0;

  constructor(decode: (kv: KeyValue) => KubeObject) {
    this.decode = decode;
  }

  get size(): number {
    return this.byName.size;
  }

  get(name: string): KubeObject | undefined {
    const entry = this.byName.get(name);
    return entry === undefined ? undefined : this.decoded(name, entry);
  }

  set(name: string, entry: Entry): void {
    const { size } = this.byName;
    this.byName.set(name, entry);
    if (this.byName.size > size) this.fresh.push(name);
  }

  delete(name: string): void {
    if (this.byName.delete(name)) this.gone++;
  }

  /** In order. Cost: O(n), and O(m log m) for the m that came since. */
  *inOrder(): Generator<KubeObject> {
    for (const name of this.names()) {
      const entry = this.byName.get(name);
      if (entry !== undefined) yield this.decoded(name, entry);
    }
  }

  *values(): Generator<KubeObject> {
    for (const [name, entry] of this.byName) yield this.decoded(name, entry);
  }

  private decoded(name: string, entry: Entry): KubeObject {
    if (!('modRevision' in entry)) return entry;
    const object = this.decode(entry);
    this.byName.set(name, object);
    return object;
  }

  private names(): readonly string[] {
    if (this.gone > 0) {
      // A name may have gone and come back: then it is in both lists.
      this.sorted = this.sorted.filter((name) => this.byName.has(name));
      this.gone = 0;
    }
    if (this.fresh.length > 0) {
      this.sorted = mergeSorted(this.sorted, [...new Set(this.fresh)].filter((name) => this.byName.has(name)).sort());
      this.fresh = [];
    }
    return this.sorted;
  }
}

/** Two sorted lists as one, without doubles. */
function mergeSorted(a: readonly string[], b: readonly string[]): string[] {
  if (a.length === 0) return b as string[];
  const merged: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const takeA = j >= b.length || (i < a.length && a[i]! <= b[j]!);
    const next = takeA ? a[i++]! : b[j++]!;
    if (merged.length === 0 || merged[merged.length - 1] !== next) merged.push(next);
  }
  return merged;
}
