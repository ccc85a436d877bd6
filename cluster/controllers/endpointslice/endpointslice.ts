/** EndpointSlices of Services with a selector. Source: `pkg/controller/endpointslice/endpointslice_controller.go`, v1.37.2. */
import type { KubeObject, Node } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Informer } from '../informer.ts';
import { keyOf, splitKey } from '../owners.ts';
import type { Service } from '../services/service.ts';
import { ServicePods } from '../services/service-pods.ts';
import { TriggerTimes } from '../services/trigger-times.ts';
import { Refusal, type Steps } from '../steps.ts';
import { NODES } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import { OwnSlices } from './own-slices.ts';
import { SliceReconciler } from './reconciler.ts';
import { ENDPOINT_SLICES, type EndpointSlice } from './slice.ts';
import { isNodeReady, TopologyHints, zoneOf } from './topology-hints.ts';

const MANAGER = 'endpointslice-controller.k8s.io';
const BACKOFF = { baseMs: 1000, maxMs: 1_000_000 };
const MAX_RETRIES = 15;
/** Slices that somebody else changed are looked at a little later. */
const OTHERS_DELAY_MS = 1000;
const ALL_NODES = 'nodes';

export class EndpointSliceController {
  readonly queue: WorkQueue;
  readonly topologyQueue: WorkQueue;
  private readonly events: EventRecorder;
  private readonly pods: ServicePods;
  private readonly nodes: Informer<Node & KubeObject>;
  private readonly own: OwnSlices;
  private readonly hints = new TopologyHints();
  private readonly times = new TriggerTimes();
  private readonly reconciler: SliceReconciler;

  constructor(context: ControllerContext) {
    const { client, clock } = context;
    this.events = context.recorder('endpoint-slice-controller');
    this.queue = new WorkQueue({ clock, backoff: BACKOFF, maxRetries: MAX_RETRIES, sync: (key) => this.sync(key) });
    this.topologyQueue = new WorkQueue({ clock, sync: () => this.syncNodes() });
    this.pods = new ServicePods(context, (key) => this.queue.add(key));
    this.pods.services.onChange((before, now) => this.queue.add(keyOf((now ?? before)!)));
    this.nodes = context.informer(NODES);
    this.nodes.onChange((before, now) => {
      const isSame = before && now && isNodeReady(before) === isNodeReady(now) && zoneOf(before) === zoneOf(now);
      if (!isSame) this.topologyQueue.add(ALL_NODES);
    });
    const slices = context.informer<EndpointSlice>(ENDPOINT_SLICES);
    this.own = new OwnSlices(MANAGER, slices, (key) => this.queue.addAfter(key, OTHERS_DELAY_MS));
    this.reconciler = new SliceReconciler(client, MANAGER, this.nodes, this.own, this.hints);
  }

  private *sync(key: string): Steps {
    const [namespace, name] = splitKey(key);
    const service = this.pods.services.get(namespace, name);
    if (service === undefined) {
      this.times.forget(key);
      return;
    }
    if (service.spec?.type === 'ExternalName' || !service.spec?.selector) return;
    const existing = this.own.of(namespace, name);
    const pods = this.pods.of(service);
    const triggerTime = this.times.next(key, service, pods);
    try {
      const events = yield* this.reconciler.reconcile({ key, service, pods, triggerTime }, existing);
      for (const { type, reason, message } of events) this.events.record(service, type, reason, message);
    } catch (error) {
      if (error instanceof Refusal) this.tellFailure(service, error);
      throw error;
    }
  }

  private tellFailure(service: Service, { message }: Refusal): void {
    const { namespace, name } = service.metadata ?? {};
    const text = `Error updating Endpoint Slices for Service ${namespace}/${name}: ${message}`;
    this.events.record(service, 'Warning', 'FailedToUpdateEndpointSlices', text);
  }

  // biome-ignore lint/correctness/useYield: a sync without calls
  private *syncNodes(): Steps {
    this.hints.setNodes(this.nodes.all());
    for (const key of this.hints.overloaded()) this.queue.add(key);
  }
}
