/** Services and their pods, as all that makes endpoints of them sees it. Source: `endpointslice/util/controller_utils.go` and `endpointslice/utils.go`, v0.37.2. */
import type { KubeObject, Pod } from '../../../api/index.ts';
import { isTerminating } from '../owners.ts';
import { isFinished } from '../pod-state.ts';

export interface ServicePort {
  readonly name?: string;
  readonly protocol?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly appProtocol?: string;
}

export interface Service extends KubeObject {
  readonly spec?: {
    readonly type?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly ServicePort[];
    readonly clusterIP?: string;
    readonly ipFamilies?: readonly string[];
    readonly publishNotReadyAddresses?: boolean;
    readonly trafficDistribution?: string;
  };
}

export const SERVICES = { group: '', version: 'v1', resource: 'services' };
export const HEADLESS = 'service.kubernetes.io/headless';
export const LAST_CHANGE = 'endpoints.kubernetes.io/last-change-trigger-time';

export const isHeadless = ({ spec }: Service): boolean => spec?.clusterIP === 'None';
export const hasAddress = ({ spec }: Service): boolean => Boolean(spec?.clusterIP) && spec?.clusterIP !== 'None';

export const addressesOf = ({ status }: Pod): string[] => {
  const { podIP, podIPs = [] } = (status ?? {}) as { podIP?: string; podIPs?: ReadonlyArray<{ ip?: string }> };
  const all = podIPs.flatMap(({ ip }) => ip ?? []);
  return all.length > 0 || !podIP ? all : [podIP];
};

export const isInEndpoints = (pod: Pod, withTerminating: boolean): boolean =>
  !isFinished(pod) && addressesOf(pod).length > 0 && (withTerminating || !isTerminating(pod));

export const hasHostname = ({ spec, metadata }: Pod, service: Service): boolean =>
  Boolean(spec?.hostname) &&
  spec?.subdomain === service.metadata?.name &&
  metadata?.namespace === service.metadata?.namespace;

/** The number that a pod gives the port; undefined when it has no port of that name. */
export function portOf({ spec }: Pod, { targetPort, port, protocol = 'TCP' }: ServicePort): number | undefined {
  if (typeof targetPort !== 'string') return targetPort || port;
  const sidecars = (spec?.initContainers ?? []).filter(
    (container) => (container as { restartPolicy?: string }).restartPolicy === 'Always',
  );
  for (const { ports = [] } of [...(spec?.containers ?? []), ...sidecars]) {
    const found = ports.find((each) => each.name === targetPort && (each.protocol ?? 'TCP') === protocol);
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

/** `web-`; without the dash where that would be too long. */
export const namePrefix = (name: string): string => (name.length < 253 ? `${name}-` : name);
