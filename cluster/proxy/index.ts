/** kube-proxy, one per node: the rules it writes, and what they do to a connection. */
export { BoundedRunner, type RunBounds, SYNC_BOUNDS } from './bounded-runner.ts';
export { Connections } from './connections.ts';
export {
  type Answer,
  decide,
  type Packet,
  PROXY_MODES,
  type ProxyMode,
  type ProxySettings,
  type Via,
} from './decide.ts';
export type { Endpoint, EndpointSlice } from './endpoints.ts';
export { canonicalIp, type IpFamily, type IpRange, parseRange } from './ip-address.ts';
export { IptablesTables } from './iptables-tables.ts';
export { KubeProxy, type KubeProxyOptions } from './kube-proxy.ts';
export { evaluateNftables, parseNftables, type RuleAnswer } from './nftables-evaluator.ts';
export { NftablesTable } from './nftables-table.ts';
export { type PortPlan, type ProxyNode, portPlan } from './port-plan.ts';
export { ProxyInformers, type ProxyInformersOptions } from './proxy-informers.ts';
export { ProxyState } from './proxy-state.ts';
export { objectKey, type Protocol, type ServicePort } from './service-port.ts';
