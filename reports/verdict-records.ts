/** What the verdict on one metric of one configuration holds, for tables and data formats. */
export interface VerdictRecord {
  readonly metric: string;
  readonly title: string;
  readonly base: string;
  readonly other: string;
  readonly isPrimary: boolean;
  readonly pairs: number;
  readonly baseMean: number;
  readonly baseDeviation: number;
  readonly otherMean: number;
  readonly otherDeviation: number;
  /** Unit of effect, interval and threshold; positive is better. */
  readonly unit: '%' | 'absolute';
  readonly effect: number;
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly threshold: number;
  readonly verdict: string;
  readonly isClear: boolean;
  readonly isRealButSmall: boolean;
  readonly p: number | undefined;
  readonly pAdjusted: number | undefined;
  readonly detectable: number | undefined;
  readonly pairsNeeded: number | undefined;
  readonly notes: readonly string[];
}
