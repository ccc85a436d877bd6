/** Pools and shapes by name, in the order they came: what every sink needs. */
import type { NodePool } from '../trace-folder.ts';
import type { PodShape } from '../workload.ts';

class Interned<T extends { readonly name: string }> {
  readonly list: T[] = [];
  private readonly index = new Map<string, number>();

  of(item: T): number {
    let index = this.index.get(item.name);
    if (index === undefined) {
      index = this.list.push(item) - 1;
      this.index.set(item.name, index);
    }
    return index;
  }
}

export class Interning {
  private readonly poolNames = new Interned<NodePool>();
  private readonly shapeNames = new Interned<PodShape>();

  get pools(): readonly NodePool[] {
    return this.poolNames.list;
  }

  get shapes(): readonly PodShape[] {
    return this.shapeNames.list;
  }

  pool(pool: NodePool): number {
    return this.poolNames.of(pool);
  }

  shape(shape: PodShape): number {
    return this.shapeNames.of(shape);
  }
}
