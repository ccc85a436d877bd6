/**
 * What the nodes' own objects say of a class: where it is rejected whatever pods are there, what is added to its score, and
 * which nodes have equal static facts. Many classes have equal ones, and share them.
 *
 * Layout: nothing where all nodes are alike, else 1 byte (rejected), 4 bytes (score) and 4 bytes (group) per node.
 * Cost: every static plugin once per node, and once for a node that has changed.
 */
import type { Cluster } from '../cluster.ts';
import type { ClassProgram } from './class-program.ts';
import { checked } from './score-range.ts';

/** Each of them is asked about every node that changes. */
const JUDGES_MAX = 64;
/** So many groups may have come up since, empty ones included, before it is time to start over. */
const NEW_GROUPS_MAX = 64;

export class StaticPart {
  readonly nodeCount: number;
  /** 1 for positions whose node is rejected; undefined when there are none. */
  rejected: Uint8Array | undefined;
  /** What is added to the scores of each position; undefined when it is 0 throughout. */
  base: Int32Array | undefined;
  /** Group of each position, numbered as they came up; undefined when all nodes have equal facts. */
  group: Int32Array | undefined;
  groupCount: number;
  /** A row of each group; a group that has lost its last node has no row of its own any more, and never gets another. */
  readonly groupRows: number[];
  private readonly groupsAtFirst: number;
  /** Goes up with every change. */
  version = 0;
  /** Nodes that change are not looked at again: nobody kept it, or programs that said the same have come to differ. */
  isDropped = false;
  private readonly cluster: Cluster;
  private readonly judges: NodeJudge[];

  constructor(program: ClassProgram, cluster: Cluster) {
    const { order, nodeCount } = cluster;
    this.nodeCount = nodeCount;
    this.cluster = cluster;
    const judge = new NodeJudge(program);
    this.judges = [judge];
    const rejected = new Uint8Array(nodeCount);
    const base = program.staticScores.length > 0 ? new Int32Array(nodeCount) : undefined;
    const group = program.staticFacts.length > 0 ? new Int32Array(nodeCount) : undefined;
    this.groupRows = [];
    let rejectedCount = 0;
    for (let position = 0; position < nodeCount; position++) {
      const row = order[position]!;
      if (judge.rejects(row)) {
        rejected[position] = 1;
        rejectedCount++;
      } else if (base !== undefined) base[position] = judge.score(row);
      if (group === undefined) continue;
      const number = judge.groupOf(row);
      group[position] = number < 0 ? this.addGroup(row) : number;
    }
    if (group === undefined && nodeCount > 0) this.groupRows.push(order[0]!);
    this.rejected = rejectedCount > 0 ? rejected : undefined;
    this.base = base?.every((score) => score === 0) === true ? undefined : base;
    this.groupCount = Math.max(1, this.groupRows.length);
    this.groupsAtFirst = this.groupCount;
    this.group = this.groupCount > 1 ? group : undefined;
  }

  get bytes(): number {
    return this.nodeCount * ((this.rejected ? 1 : 0) + (this.base ? 4 : 0) + (this.group ? 4 : 0));
  }

  /** A number that equal parts have in common when they are new. */
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

  /** Stands for another part, which is equal: what its program says counts, too. False when there are too many of these. */
  takeIn(other: StaticPart): boolean {
    if (this.judges.length >= JUDGES_MAX) return false;
    this.judges.push(...other.judges);
    return true;
  }

  /** Looks at one node again. Where a plugin throws, or scores out of range, it is dropped: whoever compiles anew meets that. */
  reread(row: number): void {
    const { judges, cluster } = this;
    const position = cluster.position[row]!;
    try {
      const said = judges[0]!.say(row);
      for (let i = 1; i < judges.length; i++) {
        const other = judges[i]!.say(row);
        if (other.rejects !== said.rejects || other.score !== said.score || other.group !== said.group) {
          this.isDropped = true;
          return;
        }
      }
      this.put(position, row, said);
    } catch {
      this.isDropped = true;
    }
  }

  /** Asserts that it says what its programs say of every node. For tests. */
  check(): void {
    const { cluster, judges, nodeCount } = this;
    for (let position = 0; position < nodeCount; position++) {
      for (const judge of judges) {
        const said = judge.say(cluster.order[position]!);
        const isRejected = (this.rejected?.[position] ?? 0) === 1;
        const score = isRejected ? 0 : (this.base?.[position] ?? 0);
        const group = this.group?.[position] ?? 0;
        if (said.rejects !== isRejected || said.score !== score || said.group !== group)
          throw new Error(
            `the static part has ${isRejected}, ${score} and group ${group} at ${position}, not ${JSON.stringify(said)}`,
          );
      }
    }
  }

  private put(position: number, row: number, { rejects, score, group }: Said): void {
    const { nodeCount } = this;
    const number = group < 0 ? this.addGroup(row) : group;
    if (group < 0) this.groupCount = this.groupRows.length;
    if (rejects !== ((this.rejected?.[position] ?? 0) === 1)) {
      this.rejected ??= new Uint8Array(nodeCount);
      this.rejected[position] = rejects ? 1 : 0;
      this.version++;
    }
    if (score !== (this.base?.[position] ?? 0)) {
      this.base ??= new Int32Array(nodeCount);
      this.base[position] = score;
      this.version++;
    }
    const before = this.group?.[position] ?? 0;
    if (number === before) return;
    this.group ??= new Int32Array(nodeCount);
    this.group[position] = number;
    this.groupRows[number] = row;
    if (this.groupRows[before] === row) this.replaceRowOf(before);
    if (this.groupCount > this.groupsAtFirst + NEW_GROUPS_MAX) this.isDropped = true;
    this.version++;
  }

  /** What holds of a group is read from its row: one without nodes is not to come back with what held of another. */
  private replaceRowOf(group: number): void {
    const position = this.group!.indexOf(group);
    if (position >= 0) this.groupRows[group] = this.cluster.order[position]!;
    else for (const judge of this.judges) judge.forget(group);
  }

  /** A group for the facts that `groupOf` was last asked about. */
  private addGroup(row: number): number {
    const number = this.groupRows.length;
    this.groupRows.push(row);
    for (const judge of this.judges) judge.lastIs(number);
    return number;
  }
}

/** What a program says of one node. A node that is rejected is never scored; a group of −1 is one that is new. */
interface Said {
  readonly rejects: boolean;
  readonly score: number;
  readonly group: number;
}

/** Asks one program. */
class NodeJudge {
  private readonly program: ClassProgram;
  private readonly groups = new Map<string, number>();
  private readonly last: number[] = [];
  private lastGroup = -1;

  constructor(program: ClassProgram) {
    this.program = program;
  }

  say(row: number): Said {
    const rejects = this.rejects(row);
    return { rejects, score: rejects ? 0 : this.score(row), group: this.groupOf(row) };
  }

  rejects(row: number): boolean {
    const { staticFilters } = this.program;
    for (let i = 0; i < staticFilters.length; i++) if (staticFilters[i]!.compiled.filter(row) !== 0) return true;
    return false;
  }

  score(row: number): number {
    let score = 0;
    for (const { compiled, weight } of this.program.staticScores) score += weight * checked(compiled.score(row));
    return score;
  }

  /** −1 for facts that have not come up yet; `lastIs` then says which group they are. */
  groupOf(row: number): number {
    const { staticFacts } = this.program;
    if (staticFacts.length === 0) return 0;
    const { last } = this;
    let isLikeLast = this.lastGroup >= 0;
    for (let i = 0; i < staticFacts.length; i++) {
      const fact = staticFacts[i]!.of(row);
      if (last[i] !== fact) isLikeLast = false;
      last[i] = fact;
    }
    if (!isLikeLast) this.lastGroup = this.groups.get(last.join()) ?? -1;
    return this.lastGroup;
  }

  /** Should its facts come up again, they are new. */
  forget(group: number): void {
    for (const [facts, known] of this.groups) if (known === group) this.groups.delete(facts);
    if (this.lastGroup === group) this.lastGroup = -1;
  }

  lastIs(group: number): void {
    this.groups.set(this.last.join(), group);
    this.lastGroup = group;
  }
}

type Column = Uint8Array | Int32Array | undefined;

function areEqual(a: Column, b: Column): boolean {
  if (a === undefined || b === undefined) return a === b;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}
