/** Conditions in a status. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** The list with the condition in the place of the one of its type; the time of the last transition stays while the status does. */
export function withCondition<C extends Condition>(conditions: readonly C[] | undefined, condition: C): C[] {
  const list = conditions ?? [];
  const at = list.findIndex(({ type }) => type === condition.type);
  if (at < 0) return [...list, condition];
  const known = list[at]!;
  const kept = known.status === condition.status && known.lastTransitionTime !== undefined;
  return list.with(at, kept ? { ...condition, lastTransitionTime: known.lastTransitionTime } : condition);
}
