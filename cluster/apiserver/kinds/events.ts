/**
 * Events, which the core group and events.k8s.io share under different names. Source:
 * `pkg/apis/events/v1/conversion.go` and `pkg/registry/core/event/strategy.go`, v1.37.2.
 */
import type { KubeObject } from '../../../api/index.ts';
import { eventProblems } from '../../../api/validation/events.ts';
import type { Conversion, Strategy } from './resource.ts';
import { plain } from './strategy.ts';

interface Reference {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

export interface CoreEvent extends KubeObject {
  readonly involvedObject?: Reference;
  readonly reason?: string;
  readonly message?: string;
  readonly type?: string;
  readonly source?: { readonly component?: string; readonly host?: string };
  readonly reportingComponent?: string;
  readonly eventTime?: string;
}

const reference =
  (field: keyof Reference) =>
  (object: KubeObject): string =>
    (object as CoreEvent).involvedObject?.[field] ?? '';

/** The server's `--event-ttl`. */
const TTL_S = 3600;

export const EVENTS: Strategy = plain({
  createsOnUpdate: true,
  dependents: 'unsupported',
  ttlS: TTL_S,
  selectableFields: {
    'involvedObject.kind': reference('kind'),
    'involvedObject.namespace': reference('namespace'),
    'involvedObject.name': reference('name'),
    'involvedObject.uid': reference('uid'),
    'involvedObject.apiVersion': reference('apiVersion'),
    'involvedObject.resourceVersion': reference('resourceVersion'),
    'involvedObject.fieldPath': reference('fieldPath'),
    reason: (object) => (object as CoreEvent).reason ?? '',
    reportingComponent: (object) => (object as CoreEvent).reportingComponent ?? '',
    source: (object) => (object as CoreEvent).source?.component || (object as CoreEvent).reportingComponent || '',
    type: (object) => (object as CoreEvent).type ?? '',
  },
  validate: (object) => eventProblems(object),
  validateUpdate: (object) => eventProblems(object),
});

/** Name in the core group, and in events.k8s.io. */
const NAMES: ReadonlyArray<readonly [core: string, events: string]> = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];
const TO_CORE = new Map(NAMES.map(([core, events]) => [events, core]));
const FROM_CORE = new Map(NAMES);

export const EVENTS_CONVERSION: Conversion = {
  toStored: (object) => renamed(object, TO_CORE, 'v1'),
  fromStored: (object) => renamed(object, FROM_CORE, 'events.k8s.io/v1'),
};

function renamed(object: KubeObject, names: ReadonlyMap<string, string>, apiVersion: string): KubeObject {
  const result: Record<string, unknown> = {};
  // A text that one version always writes the other leaves out when it is empty.
  for (const field in object) {
    const value = (object as unknown as Record<string, unknown>)[field];
    if (value !== '') result[names.get(field) ?? field] = value;
  }
  result.apiVersion = apiVersion;
  return result;
}
