/** Compared values as records for tables and reports. */
import type { VerdictRecord } from '../../reports/index.ts';
import type { ComparedValue } from './compare.ts';

export function verdictRecord(value: ComparedValue): VerdictRecord {
  const { metric, judgement, outcome, ...rest } = value;
  const more = value.more();
  return {
    ...rest,
    metric: metric.name,
    title: metric.title,
    low: judgement?.interval95.low,
    high: judgement?.interval95.high,
    verdict: outcome,
    isClear: judgement?.clearly ?? false,
    isRealButSmall: judgement?.realButSmall ?? false,
    detectable: more?.detectable,
    pairsNeeded: more?.pairsNeeded,
  };
}
