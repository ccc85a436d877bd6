/**
 * Groups of nodes with equal facts, where some facts depend on the pods of a node: the group of its static facts, split by
 * the others.
 *
 * Cost: one table look-up where all facts are small numbers, as counts of a class's own pods are; else a map per fact, or a
 * small cache before it where there is only one.
 */
import type { NodeFact } from '../plugin.ts';

/** Facts to groups, one level of maps per fact. */
type GroupTree = Map<number, GroupTree | number>;

const FACT_BITS = 4;
const FACT_LIMIT = 1 << FACT_BITS;
const MAX_TABLE = 1 << 14;
const CACHE_SIZE = 256;

export class FactGroups {
  /** Groups by number: the group of static facts that each lies in. */
  readonly staticGroups: number[] = [];
  private readonly facts: readonly NodeFact[];
  private readonly addGroup: () => number;
  private readonly table: Int16Array;
  /** Static groups that the table has places for. */
  private readonly tableGroups: number;
  private readonly trees: GroupTree[];
  private readonly cachedFact = new Float64Array(CACHE_SIZE);
  private readonly cachedStatic = new Int32Array(CACHE_SIZE).fill(-1);
  private readonly cachedGroup = new Int32Array(CACHE_SIZE);

  /** @param addGroup Makes a group; they are numbered from 0. */
  constructor(facts: readonly NodeFact[], staticCount: number, addGroup: () => number) {
    this.facts = facts;
    this.addGroup = addGroup;
    this.trees = Array.from({ length: staticCount }, () => new Map());
    const size = staticCount * FACT_LIMIT ** facts.length;
    this.tableGroups = staticCount;
    this.table = new Int16Array(size <= MAX_TABLE ? size : 0).fill(-1);
  }

  get bytes(): number {
    return this.table.length * 2 + CACHE_SIZE * 16 + this.staticGroups.length * 64;
  }

  of(row: number, staticGroup: number): number {
    const { facts, table } = this;
    if (table.length > 0 && staticGroup < this.tableGroups) {
      let key = staticGroup;
      let isSmall = true;
      for (let i = 0; i < facts.length; i++) {
        const fact = facts[i]!.of(row);
        if (fact >= 0 && fact < FACT_LIMIT) key = (key << FACT_BITS) | fact;
        else isSmall = false;
      }
      if (isSmall) {
        const known = table[key]!;
        return known >= 0 ? known : this.remember(key, this.inTree(row, staticGroup));
      }
    }
    return facts.length === 1 ? this.cached(row, staticGroup) : this.inTree(row, staticGroup);
  }

  private remember(key: number, group: number): number {
    if (group < 0x7fff) this.table[key] = group;
    return group;
  }

  private cached(row: number, staticGroup: number): number {
    const fact = this.facts[0]!.of(row);
    const slot = (Math.imul(fact, 0x9e3779b1) + Math.imul(staticGroup, 0x85ebca6b)) >>> 24;
    if (this.cachedFact[slot] === fact && this.cachedStatic[slot] === staticGroup) return this.cachedGroup[slot]!;
    const group = this.inTree(row, staticGroup);
    this.cachedFact[slot] = fact;
    this.cachedStatic[slot] = staticGroup;
    this.cachedGroup[slot] = group;
    return group;
  }

  private inTree(row: number, staticGroup: number): number {
    const { facts } = this;
    this.trees[staticGroup] ??= new Map();
    let tree: GroupTree = this.trees[staticGroup];
    const last = facts.length - 1;
    for (let i = 0; i < last; i++) {
      const fact = facts[i]!.of(row);
      let below = tree.get(fact) as GroupTree | undefined;
      if (below === undefined) {
        below = new Map();
        tree.set(fact, below);
      }
      tree = below;
    }
    const fact = facts[last]!.of(row);
    let group = tree.get(fact) as number | undefined;
    if (group === undefined) {
      group = this.addGroup();
      this.staticGroups.push(staticGroup);
      tree.set(fact, group);
    }
    return group;
  }
}
