/**
 * The scores of one form by position, for classes that cannot share an index but ask for the same amounts: worked out once
 * per change of a node, however many these are.
 *
 * Layout: 2 bytes per node.
 */
import type { Cluster } from '../cluster.ts';
import type { FormScorer } from './form-scorer.ts';

/** All scores at once, plus 1, and 0 for nodes without room (`ResourceScan.scoreAll`); undefined where that is not quicker. */
export type AllScores = () => Uint8Array | undefined;

export class KeptScores {
  /** By position, as `FormScorer.score` gives them. */
  readonly values: Int16Array;
  private readonly scorer: FormScorer;
  private readonly allScores: AllScores;
  private readonly cluster: Cluster;
  private seenChanges: number;

  constructor(scorer: FormScorer, allScores: AllScores, cluster: Cluster) {
    this.scorer = scorer;
    this.allScores = allScores;
    this.cluster = cluster;
    this.values = new Int16Array(cluster.nodeCount);
    this.seenChanges = cluster.changes.sequence;
    this.readAll();
  }

  catchUp(): void {
    const { changes, position } = this.cluster;
    const { sequence } = changes;
    const gap = sequence - this.seenChanges;
    if (gap === 0) return;
    if (gap > changes.capacity || gap > this.values.length / 4) this.readAll();
    else for (let at = this.seenChanges; at < sequence; at++) this.read(position[changes.at(at)]!);
    this.seenChanges = sequence;
  }

  private readAll(): void {
    const { values } = this;
    const scores = this.allScores();
    for (let position = 0; position < values.length; position++) {
      if (scores === undefined) this.read(position);
      else values[position] = scores[position]! - 1;
    }
  }

  private read(position: number): void {
    this.values[position] = this.scorer.score(position);
  }
}
