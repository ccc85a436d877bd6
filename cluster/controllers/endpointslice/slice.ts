/** EndpointSlices, what makes two endpoints or port lists the same, and new slices. Source: `endpointslice/{utils,util/endpointset,util/controller_utils}.go`, v0.37.2. */
import type { KubeObject } from '../../../api/index.ts';

export type AddressType = 'IPv4' | 'IPv6';

export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
  readonly hostname?: string;
  readonly targetRef?: {
    readonly kind?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
  };
  readonly nodeName?: string;
  readonly zone?: string;
  readonly hints?: {
    readonly forZones?: ReadonlyArray<{ readonly name: string }>;
    readonly forNodes?: ReadonlyArray<{ readonly name: string }>;
  };
}

export interface EndpointPort {
  readonly name?: string;
  readonly protocol?: string;
  readonly port?: number;
  readonly appProtocol?: string;
}

export interface EndpointSlice extends KubeObject {
  readonly addressType: AddressType;
  readonly endpoints?: readonly Endpoint[] | null;
  readonly ports?: readonly EndpointPort[] | null;
}

/** A slice that is still being made up; it has a name when it is there already. */
export interface Draft {
  readonly slice: EndpointSlice;
  endpoints: Endpoint[];
}

export const ENDPOINT_SLICES = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' };
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const SERVICE_NAME = 'kubernetes.io/service-name';

export const endpointsOf = ({ endpoints }: EndpointSlice): readonly Endpoint[] => endpoints ?? [];
export const nameOf = ({ metadata }: KubeObject): string => metadata?.name ?? '';
export const isReadyEndpoint = ({ conditions }: Endpoint): boolean => conditions.ready === true;

/** The Service that the slice says it is of: namespace and name. */
export const serviceKeyOf = ({ metadata }: KubeObject): string | undefined => {
  const name = metadata?.labels?.[SERVICE_NAME];
  return name ? `${metadata?.namespace}/${name}` : undefined;
};

/** Endpoints of one key are the same one, in whatever state. */
export const endpointKey = ({ addresses, hostname, targetRef }: Endpoint): string =>
  JSON.stringify([[...addresses].sort(), hostname ?? '', targetRef?.namespace ?? '', targetRef?.name ?? '']);

export const isSameState = (a: Endpoint, b: Endpoint): boolean => stateText(a) === stateText(b);

const stateText = ({ nodeName, zone, conditions, targetRef }: Endpoint): string =>
  JSON.stringify([
    nodeName ?? null,
    zone ?? null,
    conditions.ready ?? null,
    conditions.serving ?? null,
    conditions.terminating ?? null,
    targetRef && [targetRef.kind, targetRef.namespace, targetRef.name, targetRef.uid],
  ]);

const portText = ({ name = '', protocol, port, appProtocol }: EndpointPort): string =>
  JSON.stringify([name, protocol, port, appProtocol]);

export const sortedPorts = (ports: readonly EndpointPort[]): EndpointPort[] =>
  [...ports].sort((a, b) => (portText(a) < portText(b) ? -1 : 1));

export const portsKey = (ports: readonly EndpointPort[] | null | undefined): string =>
  sortedPorts(ports ?? [])
    .map(portText)
    .join();

/** As it is sent: a list with nothing in it is none. */
export function written({ slice, endpoints }: Draft): EndpointSlice {
  const { ports } = slice;
  return {
    ...slice,
    endpoints: endpoints.length > 0 ? endpoints : null,
    ports: ports && ports.length > 0 ? ports : null,
  };
}
