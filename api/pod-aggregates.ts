/** Sums over the containers of a pod, its own resources and overhead left out. Source: `component-helpers/resource`, v0.37.2. */
import { podRequests } from './pod-requests.ts';
import type { Quantity } from './quantity.ts';
import type { Container, PodSpec } from './types.ts';

/** `AggregateContainerRequests`, from the spec. */
export const aggregateRequests = ({ containers, initContainers }: PodSpec): Map<string, Quantity> =>
  podRequests({ spec: { containers, initContainers } }, { podLevel: false });

/** `AggregateContainerLimits`, from the spec: limits add up as requests do. */
export function aggregateLimits({ containers, initContainers }: PodSpec): Map<string, Quantity> {
  const limitsAsRequests = (list: readonly Container[]): Container[] =>
    list.map((container) => ({ ...container, resources: { requests: container.resources?.limits } }));
  const spec = {
    containers: limitsAsRequests(containers),
    initContainers: initContainers === undefined ? undefined : limitsAsRequests(initContainers),
  };
  return podRequests({ spec }, { podLevel: false });
}
