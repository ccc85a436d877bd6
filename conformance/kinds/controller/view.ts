/**
 * What of a state may be compared between two runs: pods as a multiset without generated numbers, everything else by name.
 * Addresses of pods with generated names are left out, as they are given out in the order of the names. Beyond what the makers
 * of the recordings compared (`record/mark.mjs` there): labels, other addresses, and the legacy Endpoints.
 */
import type { Fields, Projected, State } from './scenario.ts';

export interface View {
  /** One text for each pod, sorted. */
  readonly pods: readonly string[];
  readonly slices: readonly string[];
  readonly objects: Readonly<Record<string, unknown>>;
}

const CONDITIONS = new Set(['Ready', 'DisruptionTarget', 'PodScheduled']);
export const anonymous = (text: string): string => text.replace(/<(p|es|g|m)\d+>/g, '<$1>');
const text = (value: unknown): string => JSON.stringify(sorted(value));

/** @param withNodes Compare where pods are. */
export function viewOf(state: State, withNodes: boolean): View {
  const pods: string[] = [];
  const slices: string[] = [];
  const objects: Record<string, unknown> = {};
  for (const [key, object] of Object.entries(state)) {
    if (key.startsWith('Pod/')) pods.push(podText(key, object, withNodes));
    else if (key.startsWith('EndpointSlice/')) slices.push(sliceText(object));
    else if (key.startsWith('Endpoints/')) objects[key] = endpointsView(object);
    else objects[anonymous(key)] = objectView(object);
  }
  return { pods: pods.sort(), slices: slices.sort(), objects: sorted(objects) as Fields };
}

function podText(key: string, { metadata, spec, status }: Projected, withNodes: boolean): string {
  const conditions = (status?.conditions ?? []) as ReadonlyArray<{ type: string; status: string; reason?: string }>;
  const containers = spec?.containers as ReadonlyArray<{ image: string }>;
  return text({
    name: anonymous(key),
    phase: status?.phase,
    conditions: Object.fromEntries(
      conditions
        .filter(({ type }) => CONDITIONS.has(type))
        .map(({ type, status: value, reason = '' }) => [type, value + reason]),
    ),
    isTerminating: metadata.deletionTimestamp !== undefined,
    finalizers: metadata.finalizers,
    owners: metadata.ownerReferences?.map(({ kind, name }) => kind + anonymous(name)),
    image: containers[0]!.image,
    node: withNodes ? spec?.nodeName : undefined,
    priority: spec?.priority,
    labels: metadata.labels,
  });
}

function sliceText({ endpoints, ports, addressType, metadata }: Projected): string {
  const list = (endpoints ?? []) as ReadonlyArray<Fields & { targetRef?: { name: string } }>;
  return text({
    endpoints: list
      .map(({ targetRef, conditions, hints, nodeName, zone, hostname, addresses }) =>
        text([
          targetRef && anonymous(targetRef.name),
          conditions,
          hints,
          nodeName,
          zone,
          hostname,
          isGenerated(targetRef) ? undefined : addresses,
        ]),
      )
      .sort(),
    ports: Array.isArray(ports) ? ports.map(text).sort() : ports,
    addressType,
    labels: metadata.labels,
  });
}

interface Reference {
  readonly name: string;
}

const isGenerated = (reference: Reference | undefined): boolean => reference?.name.includes('<') === true;

/** Subsets, and what is in them, come in the order of a hash upstream. */
function endpointsView({ metadata, subsets }: Projected): unknown {
  const addressText = ({ ip, targetRef, ...rest }: Fields & { targetRef?: Reference }): string =>
    text([isGenerated(targetRef) ? undefined : ip, targetRef && anonymous(targetRef.name), rest]);
  const listed = (subsets ?? []) as ReadonlyArray<Readonly<Record<string, ReadonlyArray<Fields>>>>;
  return {
    labels: metadata.labels,
    annotations: metadata.annotations,
    subsets: listed
      .map(({ addresses = [], notReadyAddresses = [], ports = [] }) =>
        text([
          addresses.map(addressText as never).sort(),
          notReadyAddresses.map(addressText as never).sort(),
          ports.map(text).sort(),
        ]),
      )
      .sort(),
  };
}

function objectView({ metadata, spec, status }: Projected): unknown {
  const template = spec?.template as { image?: string } | undefined;
  return JSON.parse(
    anonymous(
      JSON.stringify({
        spec: spec && { ...spec, template: template?.image, selector: undefined },
        status,
        labels: metadata.labels,
        annotations: metadata.annotations,
        isTerminating: metadata.deletionTimestamp !== undefined,
        finalizers: metadata.finalizers,
        owners: metadata.ownerReferences?.map(({ name, controller = '' }) => `${name}${controller}`),
      }),
    ),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, sorted(field)]),
  );
}
