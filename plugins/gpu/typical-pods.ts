/**
 * The workload that fragmentation is measured against: the most common kinds of pods and their shares.
 * Source: hkust-adsl/kubernetes-scheduler-simulator 8f3d6417, pkg/utils/frag.go (GetTypicalPods).
 */
export interface PodKind {
  readonly cpuMilli: number;
  readonly gpus: number;
  readonly gpuMilli: number;
  /** Allowed models as written, joined by a vertical bar; '' is any. */
  readonly models: string;
}

export interface TypicalPod extends PodKind {
  readonly share: number;
}

/** @param coverage Kinds are taken from the most common on until they cover this share of the pods. */
export function typicalPods(pods: readonly PodKind[], coverage = 0.95): TypicalPod[] {
  const counts = new Map<string, { kind: PodKind; count: number }>();
  for (const { cpuMilli, gpus, gpuMilli, models } of pods) {
    const key = `${cpuMilli}/${gpuMilli}/${gpus}/${models}`;
    const found = counts.get(key);
    if (found === undefined) counts.set(key, { kind: { cpuMilli, gpus, gpuMilli, models }, count: 1 });
    else found.count++;
  }
  const kinds = [...counts.values()].sort(
    (a, b) =>
      b.count - a.count ||
      b.kind.cpuMilli - a.kind.cpuMilli ||
      b.kind.gpuMilli - a.kind.gpuMilli ||
      b.kind.gpus - a.kind.gpus ||
      (a.kind.models < b.kind.models ? 1 : -1),
  );
  const taken: typeof kinds = [];
  let covered = 0;
  for (const entry of kinds) {
    if (covered >= coverage * pods.length) break;
    taken.push(entry);
    covered += entry.count;
  }
  // In two divisions, as the published figures were computed: one would round differently.
  const all = covered / pods.length;
  return taken.map(({ kind, count }) => ({ ...kind, share: count / pods.length / all }));
}
