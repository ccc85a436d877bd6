/**
 * Chooses where a group goes as a whole: which placements there are, and which of those that would do is best.
 * Source: `RunPlacementGeneratePlugins` and `RunPlacementScorePlugins` in `pkg/scheduler/framework/runtime/framework.go`, and
 * `findBestPlacement` in `pkg/scheduler/schedule_one_podgroup.go`, v1.37.2.
 *
 * Upstream walks placements in no particular order and breaks ties at random. Here they keep the order of the generator, and
 * the first of the best wins unless ties are to be random.
 */
import type { Framework } from '../framework.ts';
import { firstPick, randomPick } from '../host-selection.ts';
import type { GroupInfo, Placement, PlacementOutcome, Status } from '../plugin.ts';
import type { EngineOptions } from '../reference.ts';
import { GroupStatus } from './group-status.ts';

const MAX_SCORE = 100;

export function generatePlacements(
  framework: Framework,
  group: GroupInfo,
  within: Placement,
  { cluster }: EngineOptions,
): readonly Placement[] | GroupStatus {
  const [generator] = framework.placementGenerate;
  if (generator === undefined) return [within];
  const placements = generator.plugin.placementGenerate?.(group, within, cluster) ?? [within];
  if (!Array.isArray(placements)) return statusOf(placements as Status);
  return placements.length > 0 ? placements : new GroupStatus('Unschedulable', ['no feasible placements found']);
}

/** Index of the best outcome, or why none could be chosen. */
export function bestPlacement(
  framework: Framework,
  group: GroupInfo,
  outcomes: readonly PlacementOutcome[],
  { cluster, tieBreak, random }: EngineOptions,
): number | GroupStatus {
  if (outcomes.length === 1) return 0;
  const totals = new Float64Array(outcomes.length);
  for (const { name, weight, plugin } of framework.placementScore) {
    const scores = new Float64Array(outcomes.length);
    for (const [i, outcome] of outcomes.entries()) {
      const score = plugin.placementScore?.(group, outcome, cluster) ?? 0;
      if (typeof score !== 'number') return failed('running PlacementScore plugins', name, score);
      scores[i] = score;
    }
    const status = plugin.normalizePlacementScores?.(scores);
    if (status !== undefined && status.code !== 'Success') {
      return failed('running NormalizePlacementScore on PlacementScore plugins', name, status);
    }
    for (const [i, score] of scores.entries()) {
      if (!(score >= 0 && score <= MAX_SCORE)) {
        return GroupStatus.failed(
          `applying score defaultWeights on PlacementScore plugins: plugin "${name}" returns an invalid score ${score}, it should in the range of [0, ${MAX_SCORE}] after normalizing`,
        );
      }
      totals[i]! += score * weight;
    }
  }
  return tieBreak === 'random' ? randomPick(totals, totals.length, random) : firstPick(totals, totals.length);
}

const failed = (step: string, plugin: string, { reasons }: Status): GroupStatus =>
  GroupStatus.failed(`${step}: plugin "${plugin}" failed with: ${reasons.join(', ')}`);

/** A plugin's error is the error of the group. */
const statusOf = ({ code, reasons }: Status): GroupStatus =>
  code === 'Error' ? GroupStatus.failed(reasons.join(', ')) : new GroupStatus(code, reasons);
