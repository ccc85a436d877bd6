/** A trace made smaller, larger or denser on its way into a sink; what belongs to one owner stays together. */
import type { NodePool } from '../trace-folder.ts';
import type { PodShape } from '../workload.ts';
import { drawFor } from './keyed-random.ts';
import type { TraceSink } from './model.ts';

export interface Scaling {
  readonly seed: number;
  /** Of the owners (of the pods without one) that stay. @default 1 */
  readonly keep?: number;
  /** Copies of every pod, itself included. @default 1 */
  readonly clone?: number;
  /** A copy's owner comes up to so much later or earlier than the original, at second 0 at the earliest. @default 0 */
  readonly jitterSeconds?: number;
  /** Arrivals come so many times as fast. @default 1 */
  readonly compress?: number;
  /** Lifetimes are so many times as short. @default 1 */
  readonly compressLifetimes?: number;
  /** Of the nodes that stay. @default 1 */
  readonly keepNodes?: number;
  /** Copies of every node, itself included. @default 1 */
  readonly cloneNodes?: number;
}

/** Kinds of draws, so that a node and a pod of one name are independent. */
const POD_DRAW = 0x9e37;
const NODE_DRAW = 0x79b9;

export class ScalingSink implements TraceSink {
  private readonly sink: TraceSink;
  private readonly scaling: Required<Scaling>;

  constructor(sink: TraceSink, scaling: Scaling) {
    this.sink = sink;
    this.scaling = {
      keep: 1,
      clone: 1,
      jitterSeconds: 0,
      compress: 1,
      compressLifetimes: 1,
      keepNodes: 1,
      cloneNodes: 1,
      ...Object.fromEntries(Object.entries(scaling).filter(([, value]) => value !== undefined)),
    } as Required<Scaling>;
  }

  pool(pool: NodePool): number {
    return this.sink.pool(pool);
  }

  node(name: string, pool: number): void {
    const { seed, keepNodes, cloneNodes } = this.scaling;
    if (keepNodes < 1 && drawFor(seed ^ NODE_DRAW, name) >= keepNodes) return;
    for (let copy = 0; copy < cloneNodes; copy++) this.sink.node(copy === 0 ? name : `${name}-c${copy}`, pool);
  }

  shape(shape: PodShape): number {
    return this.sink.shape(shape);
  }

  pod(name: string, shape: number, arrivalSeconds: number, lifetimeSeconds: number, owner: string, gang: number): void {
    const { seed, keep, clone, jitterSeconds, compress, compressLifetimes } = this.scaling;
    const together = owner === '' ? name : owner;
    if (keep < 1 && drawFor(seed ^ POD_DRAW, together) >= keep) return;
    for (let copy = 0; copy < clone; copy++) {
      const shift = copy === 0 || jitterSeconds === 0 ? 0 : (2 * drawFor(seed, together, copy) - 1) * jitterSeconds;
      const arrival = Math.max(0, arrivalSeconds + shift) / compress;
      const suffix = copy === 0 ? '' : `-c${copy}`;
      this.sink.pod(
        `${name}${suffix}`,
        shape,
        arrival,
        lifetimeSeconds / compressLifetimes,
        owner === '' ? '' : `${owner}${suffix}`,
        gang,
      );
    }
  }
}
