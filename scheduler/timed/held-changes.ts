/**
 * Changes to the cluster while a scheduling cycle is under way. A cycle decides on the cluster as it was when it began
 * (upstream: on a snapshot), but an extender may take its time, and things go on meanwhile.
 */
export class HeldChanges {
  private held: Array<() => void> | undefined;

  hold(): void {
    this.held = [];
  }

  /** Makes the changes, in the order in which they came. */
  release(): void {
    const { held = [] } = this;
    this.held = undefined;
    for (const change of held) change();
  }

  /** Makes the change now, or once the cycle has decided. */
  make(change: () => void): void {
    if (this.held === undefined) change();
    else this.held.push(change);
  }
}
