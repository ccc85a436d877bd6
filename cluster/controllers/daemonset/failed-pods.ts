/** How often a failed pod of a node may be replaced. Source: `client-go/util/flowcontrol/backoff.go`, v0.37.2, as DaemonSets use it. */
const FIRST_MS = 1000;
const MAX_MS = 15 * 60_000;

interface Entry {
  readonly delayMs: number;
  readonly sinceMs: number;
}

export class FailedPodBackoff {
  private readonly entries = new Map<string, Entry>();

  /** How long to wait; 0 when the pod may be replaced now. */
  waitMs(key: string, nowMs: number): number {
    const entry = this.entries.get(key);
    if (entry === undefined || isForgotten(entry, nowMs)) return 0;
    return nowMs - entry.sinceMs < entry.delayMs ? entry.delayMs : 0;
  }

  /** Replaced now: the next time it takes twice as long. */
  replaced(key: string, nowMs: number): void {
    const entry = this.entries.get(key);
    const isFirst = entry === undefined || isForgotten(entry, nowMs);
    const delayMs = isFirst ? FIRST_MS : Math.min(entry.delayMs * 2, MAX_MS);
    if (isFirst) this.clean(nowMs);
    this.entries.set(key, { delayMs, sinceMs: nowMs });
  }

  private clean(nowMs: number): void {
    for (const [key, entry] of this.entries) if (isForgotten(entry, nowMs)) this.entries.delete(key);
  }
}

const isForgotten = ({ sinceMs }: Entry, nowMs: number): boolean => nowMs - sinceMs > 2 * MAX_MS;
