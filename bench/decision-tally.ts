/** Counts over the decisions of a cell, however it treats time. */
import { createHash } from 'node:crypto';
import { type CellKey, type CellSummary, csvLine, csvNumber, PLUGIN_COLUMNS } from '../reports/index.ts';
import type { PluginMeter } from '../scheduler/index.ts';
import type { CellOutput } from './cell-output.ts';

const DIGEST_LENGTH = 16;

export interface Decided {
  readonly feasibleCount: number;
  readonly evaluatedCount: number;
  readonly margin?: number;
  readonly victims?: readonly string[];
}

export class DecisionTally {
  decisions = 0;
  preemptions = 0;
  private evaluatedNodes = 0;
  private feasibleNodes = 0;
  private scoredDecisions = 0;
  private marginPoints = 0;
  private tiedDecisions = 0;

  add({ feasibleCount, evaluatedCount, margin, victims = [] }: Decided): void {
    this.decisions++;
    this.evaluatedNodes += evaluatedCount;
    this.feasibleNodes += feasibleCount;
    if (margin !== undefined) {
      this.scoredDecisions++;
      this.marginPoints += margin;
      if (margin === 0) this.tiedDecisions++;
    }
    if (victims.length > 0) this.preemptions++;
  }

  summary(): Pick<
    CellSummary,
    | 'decisions'
    | 'preemptions'
    | 'evaluatedNodes'
    | 'feasibleNodes'
    | 'scoredDecisions'
    | 'meanMarginPoints'
    | 'tiedDecisions'
  > {
    return {
      decisions: this.decisions,
      preemptions: this.preemptions,
      evaluatedNodes: this.evaluatedNodes,
      feasibleNodes: this.feasibleNodes,
      scoredDecisions: this.scoredDecisions,
      meanMarginPoints: this.scoredDecisions === 0 ? undefined : csvNumber(this.marginPoints / this.scoredDecisions),
      tiedDecisions: this.tiedDecisions,
    };
  }

  writePlugins(key: CellKey, meter: PluginMeter, output: CellOutput): void {
    const { countedCycles, scoredCycles } = meter;
    for (const stat of meter.list()) {
      const row = {
        ...key,
        plugin: stat.plugin,
        extensionPoint: stat.point,
        calls: stat.calls,
        nodesRejected: stat.nodesRejected,
        decisionsDecided: stat.decisionsDecided,
        decidedShare: scoredCycles === 0 ? 0 : stat.decisionsDecided / scoredCycles,
        timedCalls: stat.timedCalls,
        wallNanoseconds: Math.round(stat.nanoseconds),
        measuredDecisions: countedCycles,
      };
      output.write('plugins.csv', csvLine(PLUGIN_COLUMNS, row));
    }
  }
}

/** @param nodeOfPod By row of the workload's pods: index of its node, or −1. */
export const placementDigest = (nodeOfPod: Int32Array): string =>
  createHash('sha256').update(nodeOfPod).digest('hex').slice(0, DIGEST_LENGTH);
