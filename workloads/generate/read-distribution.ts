/** Distributions as they are written: `{lognormal: {mu: 6.4, sigma: 1.9}, max: 30d}`, or a number or duration for a constant. */
import type { Distribution } from './distribution.ts';
import type { Field } from './field.ts';

const KINDS = [
  'constant',
  'uniform',
  'exponential',
  'lognormal',
  'weibull',
  'pareto',
  'hyperExponential',
  'table',
  'quantiles',
] as const;

export function readDistribution(field: Field): Distribution {
  if (!field.isMap) return { kind: 'constant', value: field.seconds() };
  const { min, max, ...kinds } = field.map([...KINDS, 'min', 'max']);
  const given = KINDS.filter((kind) => kinds[kind].isGiven);
  const [kind] = given;
  if (kind === undefined || given.length > 1) throw field.fail(`one of ${KINDS.join(', ')} is expected`);
  const bounds = {
    ...(min.isGiven ? { min: min.seconds() } : {}),
    ...(max.isGiven ? { max: max.seconds() } : {}),
  };
  if (bounds.min !== undefined && bounds.max !== undefined && bounds.max < bounds.min)
    throw max.fail('max is below min');
  return { ...readKind(kind, kinds[kind]), ...bounds };
}

function readKind(kind: (typeof KINDS)[number], field: Field): Distribution {
  switch (kind) {
    case 'constant':
      return { kind, value: field.seconds() };
    case 'uniform': {
      const { from, to } = field.map(['from', 'to']);
      const low = from.seconds();
      if (to.seconds() < low) throw to.fail('to is below from');
      return { kind, from: low, to: to.seconds() };
    }
    case 'exponential':
      return { kind, mean: aboveZero(field.map(['mean']).mean) };
    case 'lognormal': {
      const { mu, sigma } = field.map(['mu', 'sigma']);
      return { kind, mu: mu.number(), sigma: sigma.number(0) };
    }
    case 'weibull': {
      const { shape, scale } = field.map(['shape', 'scale']);
      return { kind, shape: shape.positive(), scale: aboveZero(scale) };
    }
    case 'pareto': {
      const { alpha, scale } = field.map(['alpha', 'scale']);
      return { kind, alpha: alpha.positive(), scale: aboveZero(scale) };
    }
    case 'hyperExponential': {
      const phases = field.list(1).map((phase) => phase.map(['weight', 'mean']));
      return {
        kind,
        weights: phases.map(({ weight }) => weight.positive()),
        means: phases.map(({ mean }) => aboveZero(mean)),
      };
    }
    case 'table': {
      const rows = field.list(1).map((row) => row.map(['value', 'weight']));
      return {
        kind,
        values: rows.map(({ value }) => value.seconds()),
        weights: rows.map(({ weight }) => weight.positive()),
      };
    }
    case 'quantiles':
      return readQuantiles(field);
  }
}

/** From `{at: [0, 0.5, 1], values: [1s, 5m, 2h]}`. */
function readQuantiles(field: Field): Distribution {
  const { at, values } = field.map(['at', 'values']);
  const shares = at.list(1).map((share) => share.number(0, 1));
  const amounts = values.list().map((value) => value.seconds());
  if (amounts.length !== shares.length) throw values.fail(`${shares.length} values are expected, one for each share`);
  for (let i = 1; i < shares.length; i++) {
    if (shares[i]! <= shares[i - 1]!) throw at.fail('shares must ascend');
    if (amounts[i]! < amounts[i - 1]!) throw values.fail('values must not descend');
  }
  if (shares[0] !== 0 || shares.at(-1) !== 1) throw at.fail('shares must begin with 0 and end with 1');
  return { kind: 'quantiles', shares, values: amounts };
}

function aboveZero(field: Field): number {
  const seconds = field.seconds();
  if (seconds > 0) return seconds;
  throw field.fail('more than 0 is expected');
}
