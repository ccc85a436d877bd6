/** What is compared of one metric between a configuration and the base, before it is judged. */
export interface ComparedMeans {
  readonly base: string;
  readonly other: string;
  readonly isPrimary: boolean;
  readonly pairs: number;
  readonly baseMean: number;
  readonly baseDeviation: number;
  readonly otherMean: number;
  readonly otherDeviation: number;
  /** Unit of effect, interval and threshold: percent of the base's mean, or the metric's own where that is zero. */
  readonly unit: '%' | 'absolute';
  /** Positive is better. */
  readonly effect: number;
  readonly threshold: number;
  readonly p: number | undefined;
  readonly pAdjusted: number | undefined;
  readonly notes: readonly string[];
}

/** The verdict on one metric of one configuration, for tables and data formats. */
export interface VerdictRecord extends ComparedMeans {
  readonly metric: string;
  readonly title: string;
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly verdict: string;
  readonly isClear: boolean;
  readonly isRealButSmall: boolean;
  readonly detectable: number | undefined;
  readonly pairsNeeded: number | undefined;
}
