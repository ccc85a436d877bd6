/**
 * Rows in the order in which they changed, so that whoever keeps answers per node can catch up when next asked.
 * A ring: who falls behind by more than `capacity` has to start over.
 *
 * Cost: one write per change.
 */
const FIRST_CAPACITY = 1 << 12;

export class ChangeLog {
  /** How many changes there ever were. */
  sequence = 0;
  private rows = new Int32Array(FIRST_CAPACITY);
  private mask = FIRST_CAPACITY - 1;

  get capacity(): number {
    return this.rows.length;
  }

  append(row: number): void {
    this.rows[this.sequence++ & this.mask] = row;
  }

  /** The change with this number; the number must not be further back than `capacity`. */
  at(sequence: number): number {
    return this.rows[sequence & this.mask]!;
  }

  /** Makes room for about as many changes as there are nodes. What was logged before is forgotten. */
  reserve(nodeCount: number): void {
    if (nodeCount <= this.rows.length) return;
    const capacity = 2 ** Math.ceil(Math.log2(nodeCount));
    this.rows = new Int32Array(capacity);
    this.mask = capacity - 1;
    // Nobody may read what has been dropped.
    this.sequence += capacity + 1;
  }
}
