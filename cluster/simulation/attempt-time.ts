/**
 * How long a scheduling attempt keeps the scheduler busy, in virtual time. What a real scheduler needs depends on the
 * machine; what matters to a simulation is that a burst of pods takes a while.
 */
import { InputError } from '../../api/index.ts';
import { nodesToFind } from '../../scheduler/nodes-to-find.ts';

export type AttemptTime = (nodeCount: number) => number;

/**
 * Fitted to the lower bounds that upstream holds its releases to (`test/integration/scheduler_perf`, v1.37.2, 6 cores):
 * 910 pods/s on one node (SchedulingWhileGated), 790 pods/s on 5000 nodes, of which 500 are scored (SchedulingBasic
 * 5000Nodes_50000Pods): 1.1 ms, and 0.33 µs for every node scored.
 */
const UPSTREAM_MS = 1.1;
const UPSTREAM_MS_PER_SCORED_NODE = 0.000_33;
/** 0: upstream's own adaptive percentage. */
const ADAPTIVE = 0;

export const upstreamAttemptMs: AttemptTime = (nodeCount) =>
  Math.round((UPSTREAM_MS + UPSTREAM_MS_PER_SCORED_NODE * nodesToFind(nodeCount, ADAPTIVE)) * 1000) / 1000;

/** `zero`, `upstream`, or a duration such as `5ms`. */
export function attemptTime(text: string): AttemptTime {
  if (text === 'zero') return () => 0;
  if (text === 'upstream') return upstreamAttemptMs;
  const ms = durationMs(text);
  if (ms === undefined || ms < 0) {
    throw new InputError(`attempt time "${text}": zero, upstream, or a duration such as 5ms is expected`);
  }
  return () => ms;
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `1h30m`, `2.5s`, `90` (milliseconds), with an optional sign; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  if (/^[-+]?\d+(\.\d+)?$/.test(text)) return Number(text);
  const match = /^([-+]?)((?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)$/.exec(text);
  if (match === null) return undefined;
  let ms = 0;
  for (const [, amount, unit] of match[2]!.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    ms += Number(amount) * UNITS_MS[unit!]!;
  return match[1] === '-' ? -ms : ms;
}
