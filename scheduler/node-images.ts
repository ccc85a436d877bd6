/** Which images are on which nodes. Source: `cache.addNodeImageStates` and its like, v1.37.2. */
import type { Node } from '../api/index.ts';

interface ImageState {
  readonly sizeBytes: number;
  readonly rows: Set<number>;
}

const NO_NAMES: ReadonlySet<string> = new Set();

export class NodeImages {
  private readonly states = new Map<string, ImageState>();
  /** Only nodes that list any. */
  private readonly names = new Map<number, ReadonlySet<string>>();

  has(row: number, name: string): boolean {
    return this.names.get(row)?.has(name) === true;
  }

  get(name: string): { readonly sizeBytes: number; readonly nodeCount: number } | undefined {
    const state = this.states.get(name);
    return state === undefined ? undefined : { sizeBytes: state.sizeBytes, nodeCount: state.rows.size };
  }

  /** The size recorded first stays while any node lists the name. */
  add(row: number, { status }: Node): void {
    if (status?.images === undefined || status.images === null) return;
    const names = new Set<string>();
    for (const image of status.images) {
      for (const name of image.names ?? []) {
        names.add(name);
        const state = this.states.get(name);
        if (state === undefined) this.states.set(name, { sizeBytes: image.sizeBytes ?? 0, rows: new Set([row]) });
        else state.rows.add(row);
      }
    }
    if (names.size > 0) this.names.set(row, names);
  }

  remove(row: number): void {
    for (const name of this.names.get(row) ?? NO_NAMES) {
      const state = this.states.get(name);
      state?.rows.delete(row);
      if (state?.rows.size === 0) this.states.delete(name);
    }
    this.names.delete(row);
  }

  /** Shows a node without its images. Returns how to show them again. */
  hide(row: number): () => void {
    const names = this.names.get(row);
    this.names.delete(row);
    return () => {
      if (names !== undefined) this.names.set(row, names);
    };
  }
}
