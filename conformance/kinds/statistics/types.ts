export type Fields = Readonly<Record<string, unknown>>;

/** What berth answers to a case. `expected` only tells what is asked for: percentiles, levels, list lengths. */
export type Answerer<Case> = (given: Case, expected: Fields) => Fields;
