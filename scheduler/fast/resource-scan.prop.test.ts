import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../../api/index.ts';
import { Cluster } from '../cluster.ts';
import { FormScorer } from './form-scorer.ts';
import { NodeRecords } from './node-records.ts';
import type { PodForm } from './resource-form.ts';
import { maskOf, ResourceScan } from './resource-scan.ts';

interface NodeSpec {
  readonly cpu: number;
  readonly memory: number;
  /** Thousandths that are used, by pods that ask for CPU and memory, and by CPU that is only counted by default. */
  readonly usedCpu: number;
  readonly usedMemory: number;
  readonly slots: number;
}

const nodeOf = ({ cpu, memory, slots }: NodeSpec, i: number): Node => ({
  metadata: { name: `node-${i}` },
  status: { allocatable: { cpu: `${cpu}m`, memory: `${memory}`, pods: `${slots}` } },
});

const podOn = ({ cpu, memory, usedCpu, usedMemory }: NodeSpec, i: number): Pod => ({
  metadata: { name: `pod-${i}`, uid: `pod-${i}` },
  spec: {
    nodeName: `node-${i}`,
    containers: [
      {
        name: 'main',
        resources: {
          requests: {
            cpu: `${Math.floor((cpu * usedCpu) / 1000)}m`,
            memory: `${Math.floor((memory * usedMemory) / 1000)}`,
          },
        },
      },
    ],
  },
});

function clusterOf(nodes: readonly NodeSpec[]): Cluster {
  const cluster = new Cluster();
  for (const [i, node] of nodes.entries()) cluster.addNode(nodeOf(node, i));
  for (const [i, node] of nodes.entries()) if (node.usedCpu > 0) cluster.addPod(podOn(node, i));
  return cluster;
}

/** Full nodes and round numbers are where rounding matters. */
const share = fc.oneof(fc.integer({ min: 0, max: 1100 }), fc.constantFrom(0, 250, 500, 990, 1000));
const cpu = fc.oneof(fc.integer({ min: 1, max: 200_000 }), fc.constantFrom(1000, 4000, 32_000, 64_000, 192_000));
const memory = fc.oneof(fc.integer({ min: 1, max: 2 ** 41 }), fc.constantFrom(2 ** 30, 2 ** 34, 2 ** 37));
const node: fc.Arbitrary<NodeSpec> = fc.record({
  cpu,
  memory,
  usedCpu: share,
  usedMemory: share,
  slots: fc.constantFrom(1, 2, 110),
});
const ofOneKind = fc
  .tuple(cpu, memory, fc.array(fc.tuple(share, share, fc.constantFrom(1, 2)), { minLength: 1, maxLength: 120 }))
  .map(([cpu, memory, used]) =>
    used.map(([usedCpu, usedMemory, slots]): NodeSpec => ({ cpu, memory, usedCpu, usedMemory, slots })),
  );
const nodes = fc.oneof(fc.array(node, { minLength: 1, maxLength: 120 }), ofOneKind);

/** Amounts as parts of the first node, so that they fit often and exactly. */
const form = fc.record({
  cpu: fc.oneof(fc.double({ min: 0.0001, max: 1.2, noNaN: true }), fc.constantFrom(0.01, 0.25, 0.5, 1, 16)),
  memory: fc.oneof(fc.double({ min: 0.0001, max: 1.2, noNaN: true }), fc.constantFrom(0.01, 0.25, 0.5, 1, 16)),
  isDefaulted: fc.boolean(),
  isBalanced: fc.boolean(),
});

function formFor(
  first: NodeSpec,
  parts: { cpu: number; memory: number; isDefaulted: boolean; isBalanced: boolean },
): PodForm {
  const cpuMilli = Math.max(1, Math.floor(first.cpu * parts.cpu));
  const memoryBytes = Math.max(1, Math.floor(first.memory * parts.memory));
  return {
    cpuMilli,
    memoryBytes,
    defaultedCpuMilli: cpuMilli + (parts.isDefaulted ? 100 : 0),
    defaultedMemoryBytes: memoryBytes + (parts.isDefaulted ? 200 * 2 ** 20 : 0),
    balanced: parts.isBalanced ? { cpuMilli, memoryBytes } : undefined,
  };
}

const scores = (cluster: Cluster, form: PodForm, rejected: Uint8Array | undefined): number[] => {
  const records = new NodeRecords(cluster);
  records.catchUp();
  const scorer = new FormScorer(form, records);
  return Array.from({ length: cluster.nodeCount }, (_, i) =>
    rejected?.[i] === 1 ? -1 : Math.max(-1, scorer.score(i)),
  );
};

describe('a pass of the kernel', () => {
  it('says of every node what the formulas say', () => {
    let passes = 0;
    fc.assert(
      fc.property(nodes, fc.array(form, { minLength: 1, maxLength: 4 }), fc.integer(), (specs, parts, seed) => {
        const cluster = clusterOf(specs);
        const scan = new ResourceScan(cluster);
        const rejected = Uint8Array.from(specs, (_, i) => (seed & 1 ? (Math.imul(i + 1, seed) >>> 7) & 1 : 0));
        const mask = maskOf({ nodeCount: specs.length, rejected });
        for (const part of parts) {
          const form = formFor(specs[0]!, part);
          const expected = scores(cluster, form, rejected);
          if (!scan.run(form, mask)) continue;
          passes++;
          scan.check();
          const feasible = expected.flatMap((score, i) => (score >= 0 ? [i] : []));
          expect(scan.feasibleCount).toBe(feasible.length);
          expect(scan.topScore).toBe(Math.max(...expected));
          if (feasible.length === 0) continue;
          const best = feasible.filter((i) => expected[i] === scan.topScore);
          expect(scan.nextBest(0, specs.length)).toBe(best[0]);
          expect(scan.countBest()).toBe(best.length);
          expect(feasible.map((i) => scan.rank(i))).toEqual(feasible.map((_, k) => k));
          expect(feasible.map((_, k) => scan.select(k))).toEqual(feasible);
          expect(scan.bestBeside(best[0]!)).toBe(Math.max(-1, ...expected.filter((_, i) => i !== best[0])));
          expect(Array.from(scan.scoreAll(form, mask)!, (value) => value - 1)).toEqual(expected);
        }
      }),
      { numRuns: 400, seed: 7 },
    );
    expect(passes).toBeGreaterThan(400);
  });

  it('sees what has changed since', () => {
    fc.assert(
      fc.property(ofOneKind, form, fc.array(fc.nat()), (specs, part, chosen) => {
        const cluster = clusterOf(specs);
        const scan = new ResourceScan(cluster);
        const form = formFor(specs[0]!, part);
        const mask = maskOf({ nodeCount: specs.length, rejected: undefined });
        scan.run(form, mask);
        for (const one of chosen) cluster.removePod(`pod-${one % specs.length}`);
        if (scan.run(form, mask)) expect(scan.topScore).toBe(Math.max(...scores(cluster, form, undefined)));
      }),
      { numRuns: 100, seed: 7 },
    );
  });
});
