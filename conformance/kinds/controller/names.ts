/** Stands `<h1>`, `<p2>` and the like for what differs between runs, numbered in the order of creation. */
interface Named {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generateName?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: ReadonlyArray<{ readonly kind: string; readonly name: string }>;
  };
}

const LETTERS: Readonly<Record<string, string>> = { Pod: 'p', EndpointSlice: 'es' };

export class Names {
  /** The longest first, so that none is replaced within another. */
  private readonly pairs: Array<readonly [ours: string, theirs: string]> = [];
  private readonly known = new Set<string>();
  private readonly uids = new Map<string, string>();
  private readonly counts: Record<string, number> = {};

  /** Has to hear of every object in the order of creation. */
  learn({ kind, metadata }: Named): void {
    const { name, labels, generateName, ownerReferences, uid } = metadata;
    const hash = labels?.['pod-template-hash'];
    if (kind === 'ReplicaSet' && hash !== undefined) this.add(hash, () => `<h${this.next('h')}>`);
    if (kind === 'ControllerRevision') this.add(name.slice(name.lastIndexOf('-') + 1), () => `<h${this.next('h')}>`);
    const isOfStatefulSet = ownerReferences?.some((owner) => owner.kind === 'StatefulSet') === true;
    if (generateName && name.startsWith(generateName) && !isOfStatefulSet) {
      const letter = LETTERS[kind] ?? 'g';
      this.add(name, () => `${this.theirs(generateName)}<${letter}${this.next(letter)}>`);
    }
    const owner = ownerReferences?.[0];
    if (kind === 'Job' && owner?.kind === 'CronJob') this.add(name, () => `${owner.name}-<m${this.next('m')}>`);
    this.uids.set(uid, `<uid ${kind}/${this.theirs(name)}>`);
  }

  theirs(text: string): string {
    let named = text;
    for (const [ours, theirs] of this.pairs) named = named.replaceAll(ours, theirs);
    return named;
  }

  /** The other way, for what a step names. */
  ours(text: string): string {
    let named = text;
    for (const [ours, theirs] of this.pairs) named = named.replaceAll(theirs, ours);
    return named;
  }

  uidOf(text: string): string | undefined {
    return this.uids.get(text);
  }

  private add(ours: string, theirs: () => string): void {
    if (ours === '' || this.known.has(ours)) return;
    this.known.add(ours);
    this.pairs.push([ours, theirs()]);
    this.pairs.sort(([a], [b]) => b.length - a.length);
  }

  private next(letter: string): number {
    this.counts[letter] = (this.counts[letter] ?? 0) + 1;
    return this.counts[letter];
  }
}
