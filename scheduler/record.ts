/** Lasting records of a cycle, for explanations and conformance. Cost: O(nodes × plugins) objects; only made on request. */
import type { Cluster } from './cluster.ts';
import type { Cycle } from './cycle.ts';
import type { AttemptRecord, PostFilterRecord, ScoreRecord, StatusRecord } from './decision.ts';
import type { PostFilterResult, Status } from './plugin.ts';

/** Texts that belong to an attempt but are not part of its cycle. */
export interface AttemptTexts {
  readonly fitError?: string;
  readonly message?: string;
  readonly postFilter?: PostFilterRecord;
}

export function recordOf(cycle: Cycle, cluster: Cluster, texts: AttemptTexts): AttemptRecord {
  cycle.complete();
  const feasible = Array.from(cycle.feasibleRows.subarray(0, cycle.feasibleCount), (row) => cluster.nodeName(row));
  const scored = cycle.scoring === 'done';
  const chosenSomething = cycle.chosen >= 0;
  const ranked = cycle.scoring !== '' && cycle.error === '';
  const totals = scored && ranked ? Array.from(cycle.totals.subarray(0, cycle.feasibleCount)) : undefined;
  const top = totals === undefined ? undefined : totals.reduce((best, total) => Math.max(best, total));
  const unscored = cycle.scoring === 'skipped: no score plugins';
  return compact({
    startIndex: cycle.startIndex,
    nextStartIndex: cycle.nextStartIndex,
    nominatedFirst: cycle.nominatedFirst || undefined,
    preFilter: preFilterRecord(cycle),
    nodesToFind: (cycle.fullSearch && cycle.nodesToFind) || undefined,
    rejected: rejectedRecords(cycle, cluster),
    absentNodesStatus:
      texts.fitError !== undefined && cycle.rejectedCount < cycle.nodeCount
        ? statusRecord(cycle.absentStatus)
        : undefined,
    feasible: nonEmpty(feasible),
    evaluated: cycle.evaluatedCount,
    scoring: ranked ? cycle.scoring : undefined,
    scores: scored ? scoreRecords(cycle) : undefined,
    totals,
    topScore: top ?? (unscored ? 1 : undefined),
    topNodes: ranked ? feasible.filter((_, i) => totals === undefined || totals[i] === top) : undefined,
    chosen: chosenSomething ? feasible[cycle.chosen] : undefined,
    heapChosen: chosenSomething && cycle.heapChosen >= 0 ? feasible[cycle.heapChosen] : undefined,
    fitError: texts.fitError,
    postFilter: texts.postFilter,
    message: texts.message,
    error: cycle.error || undefined,
  });
}

export function statusRecord(status: Status): StatusRecord {
  return compact({ code: status.code, plugin: status.plugin || undefined, reasons: nonEmpty(status.reasons) });
}

export function postFilterRecord(result: PostFilterResult, message: string, cluster: Cluster): PostFilterRecord {
  const keys = (pods: PostFilterResult['victims']) => pods?.map((pod) => pod.key);
  return compact({
    ...statusRecord(result.status),
    message,
    nominatedNode: result.nominatedNodeName || undefined,
    nominationDecided: result.nominatedNodeName === undefined ? undefined : true,
    victims: nonEmpty(keys(result.victims)),
    pdbViolations: result.pdbViolations || undefined,
    candidates: nonEmpty(
      result.candidates?.map(({ row, victims, pdbViolations }) => ({
        node: cluster.nodeName(row),
        victims: keys(victims)!,
        pdbViolations,
      })),
    ),
    dryRunRejected: nonEmpty(
      result.dryRunRejected?.map(({ row, status }) => ({ node: cluster.nodeName(row), ...statusRecord(status) })),
    ),
    tiedNodes: nonEmpty(result.tiedRows?.map((row) => cluster.nodeName(row))),
  });
}

function preFilterRecord(cycle: Cycle): AttemptRecord['preFilter'] {
  if (cycle.nodeCount === 0) return undefined;
  const narrowed = cycle.searchWasNarrowed;
  return compact({
    ...statusRecord(cycle.preFilterReject ?? { code: 'Success', reasons: [] }),
    skipped: nonEmpty([...cycle.skippedFilters].sort()),
    narrowed: narrowed || undefined,
    nodeNames: narrowed ? nonEmpty([...cycle.narrowedTo!].sort()) : undefined,
  });
}

function rejectedRecords(cycle: Cycle, cluster: Cluster): AttemptRecord['rejected'] {
  return nonEmpty(
    Array.from({ length: cycle.rejectedCount }, (_, i) => ({
      node: cluster.nodeName(cycle.rejectedRows[i]!),
      ...statusRecord(cycle.rejection(i)),
    })),
  );
}

function scoreRecords(cycle: Cycle): ScoreRecord[] {
  const count = cycle.feasibleCount;
  return cycle.scores.map(({ name, weight, compiled, raw, normalized }) => {
    if (compiled === undefined) return { name, weight, skipped: true };
    const scores = Array.from(normalized.subarray(0, count));
    return {
      name,
      weight,
      raw: Array.from(raw.subarray(0, count)),
      normalized: scores,
      weighted: scores.map((score) => score * weight),
    };
  });
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

/** Drops undefined fields, so that records compare and print without them. */
function compact<T extends object>(record: T): T {
  for (const key of Object.keys(record) as Array<keyof T>) if (record[key] === undefined) delete record[key];
  return record;
}
