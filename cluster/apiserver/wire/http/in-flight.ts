/**
 * How many requests run at a time, those that read and those that write apart; watches do not count.
 * Source: `apiserver/pkg/server/filters/maxinflight.go` and its defaults in `pkg/server/config.go`, v0.37.2.
 */
export interface InFlightLimits {
  readonly reading: number;
  readonly writing: number;
}

export const DEFAULT_LIMITS: InFlightLimits = { reading: 400, writing: 200 };
export const RETRY_AFTER_S = 1;

export class InFlight {
  private readonly limits: InFlightLimits;
  private readonly running = { reading: 0, writing: 0 };

  constructor(limits: InFlightLimits) {
    this.limits = limits;
  }

  /** What to call when the request is done; undefined when there is no room. */
  enter(isRead: boolean): (() => void) | undefined {
    const which = isRead ? 'reading' : 'writing';
    if (this.running[which] >= this.limits[which]) return undefined;
    this.running[which]++;
    let isIn = true;
    return () => {
      if (isIn) this.running[which]--;
      isIn = false;
    };
  }

  get current(): Readonly<Record<'reading' | 'writing', number>> {
    return this.running;
  }
}
