/**
 * Keeps events few: the same words again are one more in the count of the first, many of a kind become one, and a flood of
 * them is cut off. Source: `client-go/tools/record/events_cache.go`, v0.37.2.
 */

/** What an event says, and about what. */
export interface Said {
  readonly uid: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

export interface Correlated {
  readonly name: string;
  readonly message: string;
  readonly count: number;
}

interface Similar {
  readonly messages: Set<string>;
  sinceMs: number;
}

interface Allowance {
  tokens: number;
  sinceMs: number;
}

const SIMILAR_MAX = 10;
const SIMILAR_MS = 600_000;
const BURST = 25;
const REFILL_PER_MS = 1 / 300_000;
const KNOWN_MAX = 4096;
const COMBINED = '(combined from similar events): ';

export class EventCorrelator {
  private readonly similar = new Map<string, Similar>();
  private readonly allowances = new Map<string, Allowance>();
  private readonly known = new Map<string, { readonly name: string; count: number }>();

  /** Undefined when nothing is to be written. @param newName Of an event that is not there yet. */
  correlate(said: Said, nowMs: number, newName: () => string): Correlated | undefined {
    const { uid, type, reason, message } = said;
    const kind = [uid, type, reason].join('\0');
    const isCombined = this.isOneOfMany(kind, message, nowMs);
    const written = isCombined ? COMBINED + message : message;
    const key = isCombined ? kind : `${kind}\0${message}`;
    const before = this.known.get(key);
    const name = before?.name ?? newName();
    const count = (before?.count ?? 0) + 1;
    remember(this.known, key, { name, count });
    return this.isAllowed(`${uid}\0${type}`, nowMs) ? { name, message: written, count } : undefined;
  }

  private isOneOfMany(kind: string, message: string, nowMs: number): boolean {
    let similar = this.similar.get(kind);
    if (similar === undefined || nowMs - similar.sinceMs > SIMILAR_MS)
      similar = { messages: new Set(), sinceMs: nowMs };
    similar.messages.add(message);
    similar.sinceMs = nowMs;
    remember(this.similar, kind, similar);
    if (similar.messages.size < SIMILAR_MAX) return false;
    similar.messages.delete(similar.messages.values().next().value!);
    return true;
  }

  private isAllowed(object: string, nowMs: number): boolean {
    const { tokens, sinceMs } = this.allowances.get(object) ?? { tokens: BURST, sinceMs: nowMs };
    const filled = Math.min(BURST, tokens + (nowMs - sinceMs) * REFILL_PER_MS);
    const isAllowed = filled >= 1;
    remember(this.allowances, object, { tokens: isAllowed ? filled - 1 : filled, sinceMs: nowMs });
    return isAllowed;
  }
}

/** The one that was not used for the longest time makes room. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > KNOWN_MAX) map.delete(map.keys().next().value!);
}
