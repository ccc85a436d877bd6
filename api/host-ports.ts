/** Host ports of a pod. Source: `GetHostPorts`, `pkg/scheduler/util/utils.go` and `HostPortInfo`, v1.37.2. */
import type { PodSpec } from './types.ts';

/** Ports with hostPort > 0 of containers and sidecars (plain init containers have none), IP and protocol defaulted. */
export function hostPorts(spec: PodSpec): Array<{ ip: string; protocol: string; port: number }> {
  const sidecars = (spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  const ports: Array<{ ip: string; protocol: string; port: number }> = [];
  for (const container of [...spec.containers, ...sidecars]) {
    for (const { hostPort = 0, hostIP, protocol } of container.ports ?? []) {
      if (hostPort > 0) ports.push({ ip: hostIP || '0.0.0.0', protocol: protocol || 'TCP', port: hostPort });
    }
  }
  return ports;
}
