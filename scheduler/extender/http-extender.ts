/** An extender that is asked by POST requests. Source: `HTTPExtender` in `pkg/scheduler/extender.go`, v1.37.2. */
import type { Pod } from '../../api/index.ts';
import type { ExtenderConfig } from '../config/types.ts';
import type { PodInfo } from '../plugin.ts';
import { readBindingError, readFilterResult, readHostPriorities, readPreemptionResult } from './answers.ts';
import {
  type Extender,
  type ExtenderNode,
  type ExtenderResponse,
  type ExtenderTransport,
  type FilterAnswer,
  type HostPriority,
  type NodeVictims,
  type NodeVictimUids,
  notAsked,
  type Survivor,
} from './extender.ts';
import { bindingRequest, nodesRequest, preemptionRequest } from './requests.ts';

const OK = 200;
const NOBODY: readonly Survivor[] = [];

export class HttpExtender implements Extender {
  readonly name: string;
  readonly isIgnorable: boolean;
  readonly isFilter: boolean;
  readonly isPrioritizer: boolean;
  readonly isBinder: boolean;
  readonly supportsPreemption: boolean;
  readonly weight: number;
  private readonly config: ExtenderConfig;
  private readonly transport: ExtenderTransport;
  private readonly managedResources: ReadonlySet<string>;

  constructor(config: ExtenderConfig, transport: ExtenderTransport) {
    this.config = config;
    this.transport = transport;
    this.name = config.urlPrefix;
    this.isIgnorable = config.ignorable;
    this.isFilter = config.filterVerb !== '';
    this.isPrioritizer = config.prioritizeVerb !== '';
    this.isBinder = config.bindVerb !== '';
    this.supportsPreemption = config.preemptVerb !== '';
    this.weight = config.weight;
    this.managedResources = new Set(config.managedResources.map(({ name }) => name));
  }

  isInterested({ pod }: PodInfo): boolean {
    const { managedResources } = this;
    if (managedResources.size === 0) return true;
    const { containers, initContainers } = pod.spec ?? {};
    return names(containers, managedResources) || names(initContainers, managedResources);
  }

  filter(pod: PodInfo, nodes: readonly ExtenderNode[]): FilterAnswer {
    const { filterVerb, nodeCacheCapable } = this.config;
    if (filterVerb === '')
      return { survivors: nodes.map(({ name }) => ({ name })), failed: new Map(), unresolvable: new Map() };
    const result = readFilterResult(this.send(filterVerb, nodesRequest(pod, nodes, nodeCacheCapable)));
    if (result.error !== '') throw new Error(result.error);
    const survivors =
      nodeCacheCapable && result.nodeNames !== undefined
        ? this.amongAsked(result.nodeNames, nodes)
        : (result.nodes?.map((node) => ({ name: node.metadata?.name ?? '', node })) ?? NOBODY);
    return { survivors, failed: result.failedNodes, unresolvable: result.failedAndUnresolvableNodes };
  }

  prioritize(pod: PodInfo, nodes: readonly ExtenderNode[]): readonly HostPriority[] {
    const { prioritizeVerb, nodeCacheCapable } = this.config;
    if (prioritizeVerb === '') return nodes.map(({ name }) => ({ host: name, score: 0n }));
    return readHostPriorities(this.send(prioritizeVerb, nodesRequest(pod, nodes, nodeCacheCapable)));
  }

  preempt(pod: PodInfo, candidates: readonly NodeVictims[]): readonly NodeVictimUids[] {
    const { preemptVerb, nodeCacheCapable } = this.config;
    return readPreemptionResult(this.send(preemptVerb, preemptionRequest(pod, candidates, nodeCacheCapable)));
  }

  bind(pod: PodInfo, nodeName: string): void {
    const error = readBindingError(this.send(this.config.bindVerb, bindingRequest(pod, nodeName)));
    if (error !== '') throw new Error(error);
  }

  private amongAsked(nodeNames: readonly string[], nodes: readonly ExtenderNode[]): Survivor[] {
    const asked = new Set(nodes.map(({ name }) => name));
    return nodeNames.map((name) => {
      if (asked.has(name)) return { name };
      throw new Error(notAsked(this.name, name));
    });
  }

  private send(verb: string, body: string): ExtenderResponse {
    const url = `${this.config.urlPrefix.replace(/\/+$/, '')}/${verb}`;
    const response = this.transport.post(url, body);
    if (response.status === OK) return response;
    throw new Error(`failed ${verb} with extender at URL ${url}, code ${response.status}`);
  }
}

type Containers = NonNullable<Pod['spec']>['containers'] | undefined;

const names = (containers: Containers, resources: ReadonlySet<string>): boolean =>
  (containers ?? []).some(({ resources: { requests = {}, limits = {} } = {} }) =>
    [...Object.keys(requests ?? {}), ...Object.keys(limits ?? {})].some((name) => resources.has(name)),
  );
