/** A what-if run for programs. Fields and columns are always the same ones, in the same order. */
import type { PlacementRecord, ScheduleResult } from './schedule-records.ts';
import { type Column, csvHeader, csvLines } from './to-csv.ts';

export function scheduleData(result: ScheduleResult): object {
  const { nodes, boundPods, tieBreak, placements } = result;
  const count = (outcome: string): number => placements.filter((placement) => placement.outcome === outcome).length;
  return {
    nodes,
    boundPods,
    pendingPods: placements.length,
    tieBreak,
    scheduled: count('scheduled'),
    unschedulable: count('unschedulable'),
    gated: count('gated'),
    ignored: count('ignored'),
    errors: count('error'),
    evictedPods: placements.reduce((sum, { victims }) => sum + victims.length, 0),
    pods: placements.map((placement) => ({
      pod: placement.pod,
      priority: placement.priority,
      outcome: placement.outcome,
      node: placement.node ?? null,
      feasibleNodes: placement.feasibleNodes,
      evaluatedNodes: placement.evaluatedNodes,
      totalPoints: placement.totalPoints ?? null,
      marginPoints: placement.marginPoints ?? null,
      attempts: placement.attempts,
      nominatedNode: placement.nominatedNode ?? null,
      victims: placement.victims,
      evictedBy: placement.evictedBy ?? null,
      message: placement.message ?? null,
    })),
  };
}

const column = (name: string, value: Column<PlacementRecord>['value']): Column<PlacementRecord> => ({ name, value });

export const SCHEDULE_COLUMNS: ReadonlyArray<Column<PlacementRecord>> = [
  column('pod', (row) => row.pod),
  column('priority', (row) => row.priority),
  column('outcome', (row) => row.outcome),
  column('node', (row) => row.node),
  column('feasible_nodes', (row) => row.feasibleNodes),
  column('evaluated_nodes', (row) => row.evaluatedNodes),
  column('total_points', (row) => row.totalPoints),
  column('margin_points', (row) => row.marginPoints),
  column('attempts', (row) => row.attempts),
  column('nominated_node', (row) => row.nominatedNode),
  column('victims', (row) => row.victims.join(' ')),
  column('evicted_by', (row) => row.evictedBy),
  column('message', (row) => row.message),
];

export const scheduleCsv = ({ placements }: ScheduleResult): string =>
  csvHeader(SCHEDULE_COLUMNS) + csvLines(SCHEDULE_COLUMNS, placements);
