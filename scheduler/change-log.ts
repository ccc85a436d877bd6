/**
 * Rows in the order in which they changed, so that whoever keeps answers per node can catch up when next asked.
 * A ring: who falls behind by more than `capacity` has to start over.
 *
 * Cost: two writes per change.
 */
const FIRST_CAPACITY = 1 << 12;
const NODES_PER_CHANGE = 4;

export class ChangeLog {
  /** How many changes there ever were. */
  sequence = 0;
  /** True during what-ifs on a node that will be as it was: nobody has to look at it again. */
  isMuted = false;
  private rows = new Int32Array(FIRST_CAPACITY);
  private classes = new Int32Array(FIRST_CAPACITY);
  private mask = FIRST_CAPACITY - 1;

  get capacity(): number {
    return this.rows.length;
  }

  /** @param classId Of the pod that has come or gone; −1 for a change that is about something else. */
  append(row: number, classId = -1): void {
    if (this.isMuted) return;
    const at = this.sequence++ & this.mask;
    this.rows[at] = row;
    this.classes[at] = classId;
  }

  /** The change with this number; the number must not be further back than `capacity`. */
  at(sequence: number): number {
    return this.rows[sequence & this.mask]!;
  }

  /** Class of the pod that has come or gone with this change; −1 when it was something else. */
  classAt(sequence: number): number {
    return this.classes[sequence & this.mask]!;
  }

  /**
   * Makes room for a change of every fourth node; whoever is behind by more starts over sooner than he reads that many one by
   * one. What was logged before is forgotten.
   */
  reserve(nodeCount: number): void {
    if (nodeCount <= this.rows.length * NODES_PER_CHANGE) return;
    const capacity = 2 ** Math.ceil(Math.log2(nodeCount / NODES_PER_CHANGE));
    this.rows = new Int32Array(capacity);
    this.classes = new Int32Array(capacity);
    this.mask = capacity - 1;
    // Nobody may read what has been dropped.
    this.sequence += capacity + 1;
  }
}
