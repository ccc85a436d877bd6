/**
 * Who asked to hear of which event. Source: `buildQueueingHintMap` in `pkg/scheduler/scheduler.go` and
 * `fillEnqueueExtensions` in `pkg/scheduler/framework/runtime/framework.go`, v1.37.2.
 */
import { Action, type ClusterEvent, covers, EVERY_RESOURCE } from '../events.ts';
import type { ClusterView, EventRegistration, Hint, PodInfo } from '../plugin.ts';

/** A hint function without the types of its objects; whoever raises an event sees to those. */
export type AnyHint = (pod: PodInfo, before: unknown, after: unknown, cluster: ClusterView) => Hint;

export interface PluginHint {
  readonly plugin: string;
  readonly hint: AnyHint;
}

const ALWAYS: AnyHint = () => 'Queue';

const EVERYTHING: readonly EventRegistration[] = EVERY_RESOURCE.map(
  (resource) => ({ resource, action: Action.All }) as EventRegistration,
);

export interface EventPlugin {
  readonly name: string;
  readonly events: readonly EventRegistration[] | undefined;
}

/** The registrations of one profile. Which of them cover an event is worked out once per event. */
export class HintTable {
  readonly registrations: ReadonlyArray<PluginHint & { readonly registration: EventRegistration }>;
  private readonly byEvent = new Map<ClusterEvent, readonly PluginHint[]>();

  constructor(plugins: readonly EventPlugin[]) {
    this.registrations = plugins.flatMap(({ name, events = EVERYTHING }) =>
      events.map((registration) => ({
        plugin: name,
        registration,
        hint: (registration.hint as AnyHint | undefined) ?? ALWAYS,
      })),
    );
  }

  hintsFor(event: ClusterEvent): readonly PluginHint[] {
    let hints = this.byEvent.get(event);
    if (hints === undefined) {
      hints = this.registrations.filter(({ registration }) => covers(registration, event));
      this.byEvent.set(event, hints);
    }
    return hints;
  }
}

/** What a plugin throws when asked counts as Queue: rather one attempt too many than a pod forgotten. */
export function askHint(hint: AnyHint, pod: PodInfo, before: unknown, after: unknown, cluster: ClusterView): Hint {
  try {
    return hint(pod, before, after, cluster);
  } catch {
    return 'Queue';
  }
}
