/** How an extension point ends, and what goes wrong. */

/** Status codes of the scheduling framework, by upstream's names. */
export type Code = 'Success' | 'Error' | 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Wait' | 'Skip' | 'Pending';

export interface Status {
  readonly code: Code;
  readonly reasons: readonly string[];
  /** The plugin that said so; the engine fills it in. */
  readonly plugin?: string;
}

/** The node or pod is rejected; preempting pods may help. */
export const unschedulable = (...reasons: string[]): Status => ({ code: 'Unschedulable', reasons });

/** The node or pod is rejected and preemption cannot help. */
export const unresolvable = (...reasons: string[]): Status => ({ code: 'UnschedulableAndUnresolvable', reasons });

/** A plugin met something it cannot work with; the cycle of this pod ends in an error (code `Error`). */
export class PluginError extends Error {
  override readonly name = 'PluginError';
}

/** The state that PreFilter or PreScore left; a profile can enable Filter or Score without them. `what` is upstream's wording. */
export function requireState<S>(state: unknown, what: string): S {
  if (state === undefined) throw new PluginError(`${what}: not found`);
  return state as S;
}
