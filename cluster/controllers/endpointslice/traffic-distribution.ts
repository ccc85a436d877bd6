/** Hints by which traffic stays in the zone or on the node. Source: `endpointslice/trafficdist/trafficdist.go`, v0.37.2. */
import { type Draft, type Endpoint, isReadyEndpoint } from './slice.ts';

const DISTRIBUTIONS = new Set(['PreferClose', 'PreferSameZone', 'PreferSameNode']);

export const isTrafficDistribution = (name: string | undefined): name is string =>
  name !== undefined && DISTRIBUTIONS.has(name);

/** The same endpoint where its hints are right. */
export function withCloseHints(endpoint: Endpoint, distribution: string): Endpoint {
  if (!isReadyEndpoint(endpoint)) return endpoint;
  const { zone, nodeName, hints } = endpoint;
  const forZones = zone === undefined ? undefined : [{ name: zone }];
  const isByNode = distribution === 'PreferSameNode' && nodeName !== undefined;
  const forNodes = isByNode ? [{ name: nodeName }] : undefined;
  const next = {
    ...(forZones === undefined ? {} : { forZones }),
    ...(forNodes === undefined ? {} : { forNodes }),
  };
  if (namesOf(hints?.forZones) === namesOf(forZones) && namesOf(hints?.forNodes) === namesOf(forNodes)) return endpoint;
  return withHints(endpoint, Object.keys(next).length === 0 ? undefined : next);
}

export function withHints(endpoint: Endpoint, hints: Endpoint['hints']): Endpoint {
  if (endpoint.hints === hints) return endpoint;
  const { hints: _, ...plain } = endpoint;
  return hints === undefined ? plain : { ...plain, hints };
}

const namesOf = (list: ReadonlyArray<{ readonly name: string }> | undefined): string =>
  (list ?? []).map(({ name }) => name).join();

/** Changes every endpoint; those drafts that were not to be written and have to be now are answered. */
export function changeEach(
  written: readonly Draft[],
  unchanged: readonly Draft[],
  change: (endpoint: Endpoint) => Endpoint,
): Draft[] {
  for (const draft of written) draft.endpoints = draft.endpoints.map(change);
  return unchanged.filter((draft) => {
    const next = draft.endpoints.map(change);
    const isSame = next.every((endpoint, i) => endpoint === draft.endpoints[i]);
    draft.endpoints = next;
    return !isSame;
  });
}
