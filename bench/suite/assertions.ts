/** What a suite says must hold, checked on means over the cells of a profile and a workload. */
import { InputError } from '../../api/index.ts';
import { type CellSummary, csvNumber, METRICS } from '../../reports/index.ts';

export interface Assertion {
  readonly text: string;
  /** A profile, or one of a suite whose axes have made several of it; all when absent. */
  readonly profile?: string;
  readonly metric: string;
  readonly operator: '<=' | '>=' | '<' | '>' | '==';
  readonly bound: number;
}

export interface CheckedAssertion {
  readonly assertion: Assertion;
  readonly workload: string;
  readonly profile: string;
  readonly value: number;
  readonly holds: boolean;
}

/** `placed_share >= 99%`, `packing: mean_wait_seconds < 2`. Throws InputError. */
export function parseAssertion(text: string): Assertion {
  const match = /^(?:([^:]+):\s*)?([a-z0-9_]+)\s*(<=|>=|<|>|==)\s*(-?\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim());
  if (match === null) throw new InputError(`assertion "${text}": write METRIC >= NUMBER or PROFILE: METRIC < NUMBER`);
  const [, profile, metric, operator, number, percent] = match;
  if (!METRICS.some(({ name }) => name === metric)) {
    throw new InputError(
      `assertion "${text}": there is no metric ${metric}; there are ${METRICS.map(({ name }) => name).join(', ')}`,
    );
  }
  return {
    text,
    profile: profile?.trim(),
    metric: metric!,
    operator: operator as Assertion['operator'],
    bound: Number(number) / (percent === '%' ? 100 : 1),
  };
}

/** Throws InputError for an assertion about nothing that has run. */
export function checkAssertions(assertions: readonly Assertion[], cells: readonly CellSummary[]): CheckedAssertion[] {
  return assertions.flatMap((assertion) => {
    const groups = new Map<string, CellSummary[]>();
    for (const cell of cells) {
      const { profile } = assertion;
      if (profile !== undefined && cell.profile !== profile && !cell.profile.startsWith(`${profile} `)) continue;
      const key = JSON.stringify([cell.workload, cell.profile]);
      groups.set(key, [...(groups.get(key) ?? []), cell]);
    }
    const checked = [...groups.values()].flatMap((group) => check(assertion, group));
    if (checked.length === 0) {
      throw new InputError(`assertion "${assertion.text}": no cell that finished has it`);
    }
    return checked;
  });
}

function check(assertion: Assertion, group: readonly CellSummary[]): CheckedAssertion[] {
  const metric = METRICS.find(({ name }) => name === assertion.metric)!;
  const values = group.map((cell) => metric.value(cell)).filter((value) => value !== undefined);
  if (values.length === 0) return [];
  const { workload, profile } = group[0]!;
  const value = csvNumber(values.reduce((sum, each) => sum + each, 0) / values.length);
  return [{ assertion, workload, profile, value, holds: holds(value, assertion) }];
}

function holds(value: number, { operator, bound }: Assertion): boolean {
  switch (operator) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '==':
      return value === bound;
  }
}
