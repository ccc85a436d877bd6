/** The host of a real clock that is this process: the only place in `cluster/` where the time of day is read for a clock. */
import type { Host } from './clock.ts';

/** Node's timers count milliseconds in 31 bits; the clock looks again when one ends early. */
const MAX_WAIT_MS = 2 ** 31 - 1;

export const nodeHost: Host = {
  now: () => Date.now(),
  wait: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_WAIT_MS));
    return () => clearTimeout(timer);
  },
};
