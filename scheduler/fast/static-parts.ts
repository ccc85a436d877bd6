/**
 * The static parts in use. Classes whose plugins have read the same of their pods share one without a look at any node, and
 * parts that turn out equal are one, whatever was read.
 *
 * Cost: a part that is not known yet, every static plugin once per node; one that is, a look at a map.
 */
import type { Cluster } from '../cluster.ts';
import type { ClassProgram } from './class-program.ts';
import { StaticPart } from './static-part.ts';

export class StaticParts {
  private readonly cluster: Cluster;
  private layoutGeneration = -1;
  private seenNodes = 0;
  private readonly byKey = new Map<string, StaticPart>();
  private readonly byHash = new Map<number, StaticPart[]>();
  /** As they were when new; for all parts that are kept. */
  private readonly hashOf = new Map<StaticPart, number>();

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  get bytes(): number {
    let bytes = 0;
    for (const part of this.hashOf.keys()) bytes += part.bytes;
    return bytes;
  }

  /** Looks again at nodes that have changed. */
  catchUp(): void {
    const { changedNodes, layoutGeneration } = this.cluster;
    const { sequence } = changedNodes;
    if (this.layoutGeneration !== layoutGeneration) {
      this.layoutGeneration = layoutGeneration;
      this.byKey.clear();
      this.byHash.clear();
      this.hashOf.clear();
    } else {
      for (let at = this.seenNodes; at < sequence; at++) this.reread(changedNodes.at(at));
    }
    this.seenNodes = sequence;
  }

  /** Throws what a plugin throws, and ScoreOutOfRange. */
  of(program: ClassProgram): StaticPart {
    this.catchUp();
    const { staticKey } = program;
    if (staticKey === undefined) return this.interned(new StaticPart(program, this.cluster));
    let part = this.byKey.get(staticKey);
    if (part === undefined) {
      part = this.interned(new StaticPart(program, this.cluster));
      this.byKey.set(staticKey, part);
    }
    return part;
  }

  /** Nobody uses the part any more. */
  forget(part: StaticPart): void {
    const hash = this.hashOf.get(part);
    if (hash === undefined) return;
    part.isDropped = true;
    this.hashOf.delete(part);
    for (const [key, known] of this.byKey) if (known === part) this.byKey.delete(key);
    const alike = this.byHash.get(hash)!;
    alike.splice(alike.indexOf(part), 1);
  }

  private reread(row: number): void {
    for (const part of [...this.hashOf.keys()]) {
      part.reread(row);
      if (part.isDropped) this.forget(part);
    }
  }

  private interned(part: StaticPart): StaticPart {
    const { hash } = part;
    const alike = this.byHash.get(hash) ?? [];
    const known = alike.find((other) => other.equals(part) && other.takeIn(part));
    if (known !== undefined) return known;
    alike.push(part);
    this.byHash.set(hash, alike);
    this.hashOf.set(part, hash);
    return part;
  }
}
