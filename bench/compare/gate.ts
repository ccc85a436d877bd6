/** `--fail-on 'placed_share worse than 2%'`: a comparison as a gate for CI. */
import { InputError } from '../../api/index.ts';
import type { ComparedValue, RunComparison } from './compare.ts';
import { COMPARED_METRICS } from './metrics.ts';

export interface Gate {
  readonly text: string;
  readonly metric: string;
  readonly percent: number;
}

const FORM = /^\s*(\w+)\s+worse\s+than\s+(\d+(?:\.\d+)?)\s*%\s*$/;

/** Throws InputError where the text is not of that form or names no metric. */
export function parseGate(text: string): Gate {
  const match = FORM.exec(text);
  if (match === null) throw new InputError(`--fail-on '${text}': write it like 'placed_share worse than 2%'`);
  const metric = match[1]!;
  if (!COMPARED_METRICS.some(({ name }) => name === metric)) {
    throw new InputError(
      `--fail-on '${text}': there is no metric ${metric}; there are ${COMPARED_METRICS.map(({ name }) => name).join(', ')}`,
    );
  }
  return { text, metric, percent: Number(match[2]) };
}

export interface GateResult {
  readonly gate: Gate;
  readonly value: ComparedValue;
  /** `fail`: surely that much worse. `warn`: it looks so, but the interval reaches the limit. */
  readonly state: 'pass' | 'warn' | 'fail';
}

/** @param strict Fail unless it is shown that it is not that much worse. */
export function checkGates(comparison: RunComparison, gates: readonly Gate[], strict: boolean): GateResult[] {
  return gates.flatMap((gate) =>
    comparison.values
      .filter((value) => value.metric.name === gate.metric)
      .map((value) => ({ gate, value, state: stateOf(value, gate, strict) })),
  );
}

function stateOf({ effect, judgement, unit, baseMean }: ComparedValue, { percent }: Gate, strict: boolean) {
  const limit = unit === '%' ? -percent : -(percent / 100) * Math.max(Math.abs(baseMean), 1);
  const { low, high } = judgement?.interval95 ?? { low: effect, high: effect };
  if (strict) return low > limit ? 'pass' : 'fail';
  if (high < limit) return 'fail';
  return effect < limit ? 'warn' : 'pass';
}
