/** How long a lease lasts. Source: `component-base/config/v1alpha1/defaults.go`, v0.37.2. */
import { InputError } from '../../api/index.ts';

export interface LeaseTimes {
  /** How long others wait after the last renewal that they saw. @default 15000 */
  readonly leaseDurationMs: number;
  /** A leader that has not renewed for so long stops. @default 10000 */
  readonly renewDeadlineMs: number;
  /** Between two tries. @default 2000 */
  readonly retryPeriodMs: number;
}

export const LEASE_TIMES: LeaseTimes = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 };

/** Who does not lead waits between 1 and 2.2 retry periods, so that candidates do not march in step. */
export const JITTER = 1.2;

/** Throws InputError where two could lead at once. Source: `NewLeaderElector`, client-go v0.37.2. */
export function checkLeaseTimes({ leaseDurationMs, renewDeadlineMs, retryPeriodMs }: LeaseTimes): void {
  if (leaseDurationMs < 1000)
    throw new InputError(`lease duration ${leaseDurationMs} ms: at least a second is expected`);
  if (leaseDurationMs <= renewDeadlineMs) {
    throw new InputError(
      `lease duration ${leaseDurationMs} ms: it must be longer than the renew deadline, ${renewDeadlineMs} ms`,
    );
  }
  if (renewDeadlineMs <= JITTER * retryPeriodMs) {
    throw new InputError(
      `renew deadline ${renewDeadlineMs} ms: it must be longer than ${JITTER} retry periods of ${retryPeriodMs} ms`,
    );
  }
  if (retryPeriodMs < 1) throw new InputError(`retry period ${retryPeriodMs} ms: it must be longer than nothing`);
}
