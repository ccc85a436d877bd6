/** What placements.csv says, in a size that does not grow with it: waits, where pods went, where decisions part. */
import { csvNumber, type Divergence, type PlacementBin, type WaitQuantile } from '../../reports/index.ts';
import type { CsvStream } from './csv-stream.ts';

const TIME_BINS = 60;
const NODE_GROUPS_MAX = 48;
/** Waits are kept one by one up to here, and from there on every second, fourth, … of them. */
const WAITS_MAX = 200_000;
const QUANTILES = [...Array.from({ length: 99 }, (_, i) => (i + 1) / 100), 0.995, 0.999, 1];
/** Decisions are held for the comparison of so many seeds, and of cells up to a size. */
const SEEDS_COMPARED = 3;
const ROWS_COMPARED = 500_000;

interface Waits {
  values: number[];
  stride: number;
  seen: number;
}

interface Decisions {
  readonly pods: string[];
  readonly nodes: string[];
  readonly times: number[];
}

export class PlacementSummary {
  private readonly base: string;
  private lastSeconds = 0;
  private readonly waits = new Map<string, Waits>();
  private readonly firstSeed = new Map<string, string>();
  /** By configuration and node: pods placed in each span of time, with the first seed. */
  private readonly placed = new Map<string, Map<string, Int32Array>>();
  /** By seed and configuration. */
  private readonly decisions = new Map<string, Map<string, Decisions>>();

  constructor(base: string) {
    this.base = base;
  }

  /** Must be told all times before the first row. */
  sawTime(seconds: number): void {
    this.lastSeconds = Math.max(this.lastSeconds, seconds);
  }

  add(profile: string, seed: string, row: CsvStream): void {
    const node = row.text('node');
    const seconds = row.number('time_seconds') ?? 0;
    const waited = row.number('waited_seconds');
    if (node !== '' && waited !== undefined) this.addWait(profile, waited);
    if (!this.firstSeed.has(profile)) this.firstSeed.set(profile, seed);
    if (node !== '' && this.firstSeed.get(profile) === seed) this.addPlaced(profile, node, seconds);
    this.addDecision(profile, seed, row.text('pod'), node, seconds);
  }

  finish(profiles: readonly string[]): {
    readonly waits: WaitQuantile[];
    readonly bins: PlacementBin[];
    readonly nodesPerGroup: number;
    readonly divergences: Divergence[];
  } {
    return { waits: this.quantiles(), ...this.bins(), divergences: this.divergences(profiles) };
  }

  private addWait(profile: string, seconds: number): void {
    let waits = this.waits.get(profile);
    if (waits === undefined) {
      waits = { values: [], stride: 1, seen: 0 };
      this.waits.set(profile, waits);
    }
    if (waits.seen++ % waits.stride !== 0) return;
    waits.values.push(seconds);
    if (waits.values.length < WAITS_MAX) return;
    waits.values = waits.values.filter((_, i) => i % 2 === 0);
    waits.stride *= 2;
  }

  private addPlaced(profile: string, node: string, seconds: number): void {
    let nodes = this.placed.get(profile);
    if (nodes === undefined) {
      nodes = new Map();
      this.placed.set(profile, nodes);
    }
    let bins = nodes.get(node);
    if (bins === undefined) {
      bins = new Int32Array(TIME_BINS);
      nodes.set(node, bins);
    }
    bins[this.binOf(seconds)]!++;
  }

  private binOf(seconds: number): number {
    return this.lastSeconds === 0 ? 0 : Math.min(TIME_BINS - 1, Math.floor((seconds / this.lastSeconds) * TIME_BINS));
  }

  private addDecision(profile: string, seed: string, pod: string, node: string, seconds: number): void {
    let bySeed = this.decisions.get(seed);
    if (bySeed === undefined) {
      if (this.decisions.size >= SEEDS_COMPARED) return;
      bySeed = new Map();
      this.decisions.set(seed, bySeed);
    }
    let decisions = bySeed.get(profile);
    if (decisions === undefined) {
      decisions = { pods: [], nodes: [], times: [] };
      bySeed.set(profile, decisions);
    }
    if (decisions.pods.length >= ROWS_COMPARED) return;
    decisions.pods.push(pod);
    decisions.nodes.push(node);
    decisions.times.push(seconds);
  }

  private quantiles(): WaitQuantile[] {
    return [...this.waits].flatMap(([profile, { values }]) => {
      const sorted = Float64Array.from(values).sort();
      return QUANTILES.map((share) => ({
        profile,
        share,
        seconds: csvNumber(sorted[Math.ceil(share * sorted.length) - 1]!),
      }));
    });
  }

  private bins(): { readonly bins: PlacementBin[]; readonly nodesPerGroup: number } {
    const names = new Set([...this.placed.values()].flatMap((nodes) => [...nodes.keys()]));
    const order = [...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const nodesPerGroup = Math.max(1, Math.ceil(order.length / NODE_GROUPS_MAX));
    const groupOf = new Map(order.map((name, index) => [name, Math.floor(index / nodesPerGroup)]));
    const bins: PlacementBin[] = [];
    for (const [profile, nodes] of this.placed) {
      const groups = new Map<number, Int32Array>();
      for (const [node, counts] of nodes) {
        const group = groupOf.get(node)!;
        const sums = groups.get(group) ?? new Int32Array(TIME_BINS);
        for (let bin = 0; bin < TIME_BINS; bin++) sums[bin]! += counts[bin]!;
        groups.set(group, sums);
      }
      for (const [nodeGroup, sums] of groups) {
        for (let bin = 0; bin < TIME_BINS; bin++) {
          if (sums[bin] === 0) continue;
          const timeSeconds = csvNumber(((bin + 0.5) / TIME_BINS) * this.lastSeconds);
          bins.push({ profile, nodeGroup, timeSeconds, pods: sums[bin]! });
        }
      }
    }
    return { bins, nodesPerGroup };
  }

  private divergences(profiles: readonly string[]): Divergence[] {
    const result: Divergence[] = [];
    for (const profile of profiles) {
      if (profile === this.base) continue;
      for (const [seed, bySeed] of this.decisions) {
        const [base, other] = [bySeed.get(this.base), bySeed.get(profile)];
        const divergence = base && other && parting(base, other);
        if (divergence !== undefined) result.push({ profile, seed, ...divergence });
      }
    }
    return result;
  }
}

/** Undefined when every decision is the same. */
function parting(base: Decisions, other: Decisions): Omit<Divergence, 'profile' | 'seed'> | undefined {
  const { pods, nodes, times } = other;
  let first = 0;
  while (first < pods.length && pods[first] === base.pods[first] && nodes[first] === base.nodes[first]) first++;
  if (first === pods.length && first === base.pods.length) return undefined;
  const lastNode = new Map(base.pods.map((pod, i) => [pod, base.nodes[i]!]));
  const ownNode = new Map(pods.map((pod, i) => [pod, nodes[i]!]));
  let different = 0;
  for (const [pod, node] of ownNode) if (lastNode.get(pod) !== node) different++;
  const at = Math.min(first, pods.length - 1);
  const pod = pods[at]!;
  return {
    decisions: ownNode.size,
    different,
    firstPod: pod,
    firstTimeSeconds: times[at]!,
    baseNode: base.pods[at] === pod ? base.nodes[at]! : (lastNode.get(pod) ?? ''),
    node: nodes[at]!,
  };
}
