/**
 * What the nodes' own objects say of a class: where it is rejected whatever pods are there, what is added to its score, and
 * which nodes have equal static facts. Many classes have equal ones, and share them.
 *
 * Layout: nothing where all nodes are alike, else 1 byte (rejected), 4 bytes (score) and 4 bytes (group) per node.
 * Cost: every static plugin once per node.
 */
import type { Cluster } from '../cluster.ts';
import type { ClassProgram } from './class-program.ts';
import { checked } from './score-range.ts';

export class StaticPart {
  readonly nodeCount: number;
  /** 1 for positions whose node is rejected; undefined when there are none. */
  readonly rejected: Uint8Array | undefined;
  /** What is added to the scores of each position; undefined when it is 0 throughout. */
  readonly base: Int32Array | undefined;
  /** Group of each position, numbered in order of appearance; undefined when all nodes have equal facts. */
  readonly group: Int32Array | undefined;
  readonly groupCount: number;
  /** A row of each group. */
  readonly groupRows: readonly number[];

  constructor(program: ClassProgram, cluster: Cluster) {
    const { staticFilters, staticScores, staticFacts } = program;
    const { order, nodeCount } = cluster;
    this.nodeCount = nodeCount;
    const rejected = new Uint8Array(nodeCount);
    const base = staticScores.length > 0 ? new Int32Array(nodeCount) : undefined;
    let rejectedCount = 0;
    for (let position = 0; position < nodeCount; position++) {
      const row = order[position]!;
      for (let i = 0; i < staticFilters.length; i++) {
        if (staticFilters[i]!.compiled.filter(row) === 0) continue;
        rejected[position] = 1;
        rejectedCount++;
        break;
      }
      // A rejected node is never scored.
      if (base === undefined || rejected[position] === 1) continue;
      for (const { compiled, weight } of staticScores) base[position]! += weight * checked(compiled.score(row));
    }
    this.rejected = rejectedCount > 0 ? rejected : undefined;
    this.base = base?.every((score) => score === 0) === true ? undefined : base;
    const groups = groupByFacts(cluster, staticFacts);
    this.groupRows = groups.rows;
    this.groupCount = Math.max(1, groups.rows.length);
    this.group = this.groupCount > 1 ? groups.groupOf : undefined;
  }

  get bytes(): number {
    return this.nodeCount * ((this.rejected ? 1 : 0) + (this.base ? 4 : 0) + (this.group ? 4 : 0));
  }

  /** A number that equal parts have in common. */
  get hash(): number {
    let hash = this.groupCount;
    for (const column of [this.rejected, this.base, this.group]) {
      hash = Math.imul(hash ^ (column?.length ?? -1), 0x01000193);
      if (column !== undefined) for (let i = 0; i < column.length; i++) hash = Math.imul(hash ^ column[i]!, 0x01000193);
    }
    return hash;
  }

  equals(other: StaticPart): boolean {
    return (
      this.groupCount === other.groupCount &&
      areEqual(this.rejected, other.rejected) &&
      areEqual(this.base, other.base) &&
      areEqual(this.group, other.group)
    );
  }
}

function groupByFacts(
  { order, nodeCount }: Cluster,
  facts: ClassProgram['staticFacts'],
): { rows: number[]; groupOf: Int32Array } {
  if (facts.length === 0 || nodeCount === 0)
    return { rows: nodeCount > 0 ? [order[0]!] : [], groupOf: new Int32Array(0) };
  const groupOf = new Int32Array(nodeCount);
  const rows: number[] = [];
  const known = new Map<string, number>();
  const last: number[] = [];
  let group = 0;
  for (let position = 0; position < nodeCount; position++) {
    const row = order[position]!;
    let isLikeLast = position > 0;
    for (let i = 0; i < facts.length; i++) {
      const fact = facts[i]!.of(row);
      if (last[i] !== fact) isLikeLast = false;
      last[i] = fact;
    }
    if (!isLikeLast) {
      const key = last.join();
      group = known.get(key) ?? rows.length;
      if (group === rows.length) {
        known.set(key, group);
        rows.push(row);
      }
    }
    groupOf[position] = group;
  }
  return { rows, groupOf };
}

type Column = Uint8Array | Int32Array | undefined;

function areEqual(a: Column, b: Column): boolean {
  if (a === undefined || b === undefined) return a === b;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}
