import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../api/index.ts';
import { volumeAffinity } from './volume-affinity.ts';
import type { StaticBinding } from './volume-assumptions.ts';
import { ClaimMatcher } from './volume-matching.ts';

const LABELS: ReadonlyArray<Record<string, string>> = [
  { host: 'n0', zone: 'z0' },
  { host: 'n1', zone: 'z1' },
  { host: 'n2', zone: 'z0' },
  {},
];
const NODES: readonly Node[] = LABELS.map((labels, i) => ({ metadata: { name: `n${i}`, labels } }));

const requirement = fc.constantFrom(
  { key: 'host', operator: 'In', values: ['n0'] },
  { key: 'host', operator: 'In', values: ['n1', 'n2', 'n1'] },
  { key: 'zone', operator: 'In', values: ['z0'] },
  { key: 'zone', operator: 'NotIn', values: ['z0'] },
  { key: 'zone', operator: 'Exists' },
);
const term = fc.array(requirement, { minLength: 1, maxLength: 2 }).map((matchExpressions) => ({ matchExpressions }));
const affinity = fc.option(
  fc.array(term, { maxLength: 2 }).map((nodeSelectorTerms) => ({ required: { nodeSelectorTerms } })),
  { nil: undefined },
);
const reference = (name: string, uid?: string) => ({ namespace: 'default', name, uid });

const volume = fc
  .record({
    gibibytes: fc.integer({ min: 1, max: 4 }),
    phase: fc.constantFrom('Available', 'Available', 'Available', 'Released'),
    mode: fc.constantFrom(undefined, 'Filesystem', 'Block'),
    access: fc.constantFrom(['ReadWriteOnce'], ['ReadWriteOnce', 'ReadOnlyMany'], []),
    claimRef: fc.constantFrom(
      undefined,
      undefined,
      undefined,
      reference('c'),
      reference('c', 'u'),
      reference('c', 'x'),
    ),
    labels: fc.constantFrom(undefined, { tier: 'gold' }),
    affinity,
  })
  .map((drawn) => ({
    spec: {
      capacity: { storage: `${drawn.gibibytes}Gi` },
      accessModes: drawn.access,
      volumeMode: drawn.mode,
      claimRef: drawn.claimRef,
      nodeAffinity: drawn.affinity,
    },
    metadata: { labels: drawn.labels },
    status: { phase: drawn.phase },
  }));

const claim = fc.record({ gibibytes: fc.integer({ min: 1, max: 3 }), gold: fc.boolean() }).map(
  ({ gibibytes, gold }): PersistentVolumeClaim => ({
    metadata: { name: 'c', namespace: 'default', uid: 'u' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: `${gibibytes}Gi` } },
      selector: gold ? { matchLabels: { tier: 'gold' } } : undefined,
    },
  }),
);

/** The rule as upstream words it: one look at each volume, in order, for one node. */
function findSimply(
  { spec }: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  node: Node,
  taken: readonly StaticBinding[],
): PersistentVolume | undefined {
  const sizeOf = (storage: string | undefined) => Number.parseInt(storage ?? '0', 10);
  let smallest: PersistentVolume | undefined;
  for (const candidate of volumes) {
    const { claimRef, capacity, volumeMode = 'Filesystem', accessModes = [] } = candidate.spec ?? {};
    if (taken.some((binding) => binding.volume === candidate)) continue;
    if (claimRef !== undefined && claimRef.uid !== undefined && claimRef.uid !== 'u') continue;
    if (sizeOf(capacity?.storage) < sizeOf(spec?.resources?.requests?.storage)) continue;
    if (volumeMode !== 'Filesystem') continue;
    const reachable = volumeAffinity(candidate).matches(node);
    if (claimRef !== undefined) return reachable ? candidate : undefined;
    if (candidate.status?.phase !== 'Available') continue;
    if (spec?.selector !== undefined && candidate.metadata?.labels?.tier !== 'gold') continue;
    if (!reachable || !accessModes.includes('ReadWriteOnce')) continue;
    if (smallest === undefined || sizeOf(smallest.spec?.capacity?.storage) > sizeOf(capacity?.storage))
      smallest = candidate;
  }
  return smallest;
}

it('the index by label finds the very volume that a look at each of them finds', () => {
  fc.assert(
    fc.property(fc.array(volume, { maxLength: 12 }), claim, fc.nat(11), (drawn, wanted, takenIndex) => {
      const volumes = drawn.map(
        (one, i) => ({ ...one, metadata: { ...one.metadata, name: `v${i}` } }) as unknown as PersistentVolume,
      );
      const taken = volumes.slice(takenIndex, takenIndex + 1).map((one) => ({ claim: wanted, volume: one }));
      const matcher = new ClaimMatcher(wanted, volumes);
      for (const node of NODES) expect(matcher.find(node, taken)).toBe(findSimply(wanted, volumes, node, taken));
    }),
    { seed: 37, numRuns: 2000 },
  );
});
