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
  private nodeGeneration = -1;
  private readonly byKey = new Map<string, StaticPart>();
  private readonly byHash = new Map<number, StaticPart[]>();

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  get bytes(): number {
    let bytes = 0;
    for (const alike of this.byHash.values()) for (const part of alike) bytes += part.bytes;
    return bytes;
  }

  /** Throws what a plugin throws, and ScoreOutOfRange. */
  of(program: ClassProgram): StaticPart {
    if (this.nodeGeneration !== this.cluster.nodeGeneration) {
      this.nodeGeneration = this.cluster.nodeGeneration;
      this.byKey.clear();
      this.byHash.clear();
    }
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
    for (const [key, known] of this.byKey) if (known === part) this.byKey.delete(key);
    const alike = this.byHash.get(part.hash);
    const at = alike?.indexOf(part) ?? -1;
    if (at >= 0) alike!.splice(at, 1);
  }

  private interned(part: StaticPart): StaticPart {
    const { hash } = part;
    const alike = this.byHash.get(hash) ?? [];
    const known = alike.find((other) => other.equals(part));
    if (known !== undefined) return known;
    alike.push(part);
    this.byHash.set(hash, alike);
    return part;
  }
}
