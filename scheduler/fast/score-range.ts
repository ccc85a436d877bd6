/** The range that scores must keep to. A plugin that leaves it makes the cycle an error, which the reference engine words. */
const MAX_NODE_SCORE = 100;

/** A score that the reference engine has to judge, since it is not one. */
export class ScoreOutOfRange extends Error {
  override readonly name = 'ScoreOutOfRange';
}

export function checked(score: number): number {
  if (score >= 0 && score <= MAX_NODE_SCORE && Number.isInteger(score)) return score;
  throw new ScoreOutOfRange();
}
