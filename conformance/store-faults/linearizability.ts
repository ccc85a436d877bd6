/**
 * Is there an order of the calls of concurrent clients in which each takes effect at one moment between its call and its
 * answer, as on a single register? A search by Wing and Gong with Lowe's memory of what was tried: "Testing for
 * linearizability", Concurrency and Computation 29(4), 2017, section 3.
 *
 * Keys are independent, so each is checked alone. A call without an answer may have taken effect at any time after it, or
 * never.
 */
export type RegisterCall =
  | { readonly type: 'write'; readonly value: string }
  | { readonly type: 'read'; readonly found: string | undefined }
  | {
      readonly type: 'cas';
      readonly expected: string | undefined;
      readonly value: string;
      readonly succeeded: boolean;
    };

export interface Operation {
  readonly key: string;
  readonly call: RegisterCall;
  /** Any clock that all clients share. */
  readonly calledAt: number;
  /** Infinity when no answer came. */
  readonly answeredAt: number;
}

/** The keys whose histories have no such order. */
export function notLinearizable(history: readonly Operation[]): string[] {
  const byKey = new Map<string, Operation[]>();
  for (const operation of history) {
    const same = byKey.get(operation.key);
    if (same === undefined) byKey.set(operation.key, [operation]);
    else same.push(operation);
  }
  return [...byKey].filter(([, operations]) => !hasOrder(operations)).map(([key]) => key);
}

/** The state after the call, or false when the call cannot have been answered so in the state. */
function step(state: string | undefined, call: RegisterCall): { readonly state: string | undefined } | false {
  if (call.type === 'write') return { state: call.value };
  if (call.type === 'read') return call.found === state && { state };
  if ((call.expected === state) !== call.succeeded) return false;
  return { state: call.succeeded ? call.value : state };
}

function hasOrder(operations: readonly Operation[]): boolean {
  const calls = [...operations].sort((a, b) => a.calledAt - b.calledAt);
  const mustHappen = calls.filter(({ answeredAt }) => answeredAt !== Number.POSITIVE_INFINITY).length;
  const isDone = new Uint8Array(calls.length);
  const tried = new Set<string>();
  let firstOpen = 0;

  const search = (state: string | undefined, answered: number): boolean => {
    if (answered === mustHappen) return true;
    while (firstOpen < calls.length && isDone[firstOpen] === 1) firstOpen++;
    const from = firstOpen;
    const id = `${from}:${isDone.subarray(from).join('')}:${state}`;
    if (tried.has(id)) return false;
    // Only what was called before the first open answer can come next.
    let deadline = Number.POSITIVE_INFINITY;
    for (let index = from; index < calls.length && calls[index].calledAt <= deadline; index++) {
      if (isDone[index] === 0) deadline = Math.min(deadline, calls[index].answeredAt);
    }
    for (let index = from; index < calls.length && calls[index].calledAt <= deadline; index++) {
      if (isDone[index] === 1) continue;
      const next = step(state, calls[index].call);
      if (next === false) continue;
      isDone[index] = 1;
      const isAnswered = calls[index].answeredAt !== Number.POSITIVE_INFINITY;
      if (search(next.state, answered + (isAnswered ? 1 : 0))) return true;
      isDone[index] = 0;
      firstOpen = from;
    }
    tried.add(id);
    return false;
  };
  return search(undefined, 0);
}
