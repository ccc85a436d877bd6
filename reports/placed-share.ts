import type { CellSummary } from './records.ts';

/** Of the pods that came, those that found a node and were not evicted. */
export const placedShare = ({ placedPods, pods, timed }: CellSummary): number =>
  placedPods / Math.max(1, timed?.arrivedPods ?? pods);
