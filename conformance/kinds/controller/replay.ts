/**
 * Plays a scenario against berth's API server, scheduler and controllers in virtual time, step by step at the recorded
 * times; the state after a step is taken when the recorder took it.
 */
import type { KubeObject } from '../../../api/index.ts';
import {
  ApiServer,
  InProcessClient,
  type Resource,
  type Status,
  seededIds,
  type Target,
} from '../../../cluster/apiserver/index.ts';
import { serviceRanges } from '../../../cluster/apiserver/services/ranges.ts';
import { routeOf } from '../../../cluster/apiserver/wire/http/route.ts';
import { VirtualClock } from '../../../cluster/clock.ts';
import { runControllers } from '../../../cluster/controllers/index.ts';
import { timestamp } from '../../../cluster/controllers/timestamp.ts';
import { runScheduler } from '../../../cluster/scheduler-client/index.ts';
import { MemoryStore } from '../../../cluster/store/index.ts';
import { inTreePlugins } from '../../../plugins/index.ts';
import { defaultConfig } from '../../../scheduler/config/index.ts';
import type { RecordedEvent } from './events.ts';
import { type LivePod, picked, statusFor } from './kubelet.ts';
import { Names } from './names.ts';
import { Heart, type NodeCondition, newNode, READY_CONDITIONS } from './node.ts';
import { type LostPod, lostPods, startOf } from './outside.ts';
import { FLAGS } from './profiles.ts';
import { project } from './project.ts';
import type { Fields, Projected, Scenario, State, Step, StepResult } from './scenario.ts';
import { tokenReviews } from './token-reviews.ts';

export interface Played {
  readonly state: State;
  readonly result?: StepResult;
}

const NAMESPACE = 'ns';
const SHARED_NODES = ['w1', 'w2', 'w3', 'w4'];
const START_MS = Date.UTC(2026, 10, 23, 12);
const WARM_UP_MS = 3000;
const RANGES = serviceRanges('10.96.0.0/16,fd00:96::/112');
/** What the recorder watched, apart from events. */
const WATCHED = [
  'Namespace',
  'Pod Service Endpoints ConfigMap Secret ServiceAccount ResourceQuota LimitRange PersistentVolumeClaim Node',
  'ReplicationController PersistentVolume Deployment ReplicaSet StatefulSet DaemonSet ControllerRevision Job CronJob',
  'EndpointSlice PodDisruptionBudget',
].flatMap((line) => line.split(' '));

/** A step that cannot be played ends the scenario with its reason. */
export function play(scenario: Scenario): {
  readonly steps: Played[];
  readonly events: RecordedEvent[];
  readonly stopped?: string;
} {
  const player = new Player(scenario);
  const steps: Played[] = [];
  for (const step of scenario.steps) {
    const played = player.play(step);
    if (typeof played === 'string') return { steps, events: player.events(), stopped: played };
    steps.push(played);
  }
  return { steps, events: player.events() };
}

interface CoreEvent {
  readonly metadata: { readonly namespace?: string };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly source?: { readonly component?: string };
  readonly reportingComponent?: string;
}

class Player {
  private readonly clock = new VirtualClock(START_MS);
  private readonly server: ApiServer;
  private readonly client: InProcessClient;
  private readonly names = new Names();
  private readonly live = new Map<string, KubeObject>();
  private readonly told: CoreEvent[] = [];
  private readonly scenario: Scenario;
  private readonly keepNodes: boolean;
  /** The scenario is about what every namespace has. */
  private readonly keepDefaults: boolean;
  private readonly startMs: number;
  private readonly heart: Heart;
  private addresses = 0;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.keepNodes = !JSON.stringify(scenario.steps).includes('"nodeName":"<node>"');
    this.keepDefaults = 'Namespace/ns' in scenario.steps[0]!.changed;
    const { clock } = this;
    const admission = { serviceAccount: true };
    const reviews = tokenReviews(clock, (kind, name) => this.server.core.cached(kind, NAMESPACE, name));
    const store = new MemoryStore({ clock });
    this.server = new ApiServer({ store, clock, ids: seededIds(1), admission, reviews, serviceRanges: RANGES });
    this.server.start((error) => {
      if (error !== undefined) throw new Error(error.message);
    });
    this.client = new InProcessClient(this.server, { decode: true });
    const controllers = new InProcessClient(this.server);
    const config = defaultConfig(inTreePlugins);
    const instance = 'conformance';
    runScheduler({ client: controllers, clock, instance, config, registry: inTreePlugins });
    runControllers({ client: controllers, clock, rootCertificate: '<pem>', ...FLAGS[scenario.profile] });
    this.heart = new Heart(this.client, clock);
    for (const kind of WATCHED) this.watch(kind);
    this.watchEvents();
    if (scenario.nodes === 'shared') for (const name of SHARED_NODES) this.node({ name });
    clock.runUntil(startOf(scenario, START_MS + WARM_UP_MS));
    this.startMs = clock.nowMs;
    for (const lost of lostPods(scenario)) clock.timer(this.startMs + lost.t, () => this.lose(lost));
  }

  play(step: Step): Played | string {
    this.clock.runUntil(this.startMs + step.t);
    const result = this.act(step);
    if (typeof result === 'string') return result;
    this.clock.settle();
    this.clock.runUntil(this.startMs + step.tEnd);
    return { state: this.state(), result };
  }

  /** Every one that was seen, also those that others have taken the place of. */
  events(): RecordedEvent[] {
    return this.told.map(({ type, reason, message, involvedObject, source, reportingComponent = '' }) => {
      const object = `${involvedObject.kind}/${this.names.theirs(involvedObject.name)}`;
      const from = source?.component || reportingComponent;
      return { type, reason, object, source: from, message: this.names.theirs(message) };
    });
  }

  /** Those of its nodes are in the default namespace, as nodes have none. */
  private watchEvents(): void {
    const event = ({ type, object }: { type: string; object: unknown }): void => {
      const told = object as CoreEvent;
      if (type !== 'ADDED' && type !== 'MODIFIED') return;
      const isOfNode = told.involvedObject.name.startsWith(`${this.scenario.id}-n`);
      if (told.metadata.namespace === NAMESPACE || isOfNode) this.told.push(told);
    };
    this.client.watch({ group: '', version: 'v1', resource: 'events' }, {}, { event, ended: () => {} });
  }

  /** As the pod garbage collector does when a node is gone. */
  private lose({ name, conditions }: LostPod): void {
    const lastTransitionTime = timestamp(this.clock.nowMs);
    const patch = {
      status: { phase: 'Failed', conditions: conditions.map((each) => ({ ...each, lastTransitionTime })) },
    };
    this.answered((answer) => this.client.patch(this.target('Pod', name, 'status'), 'strategic', patch, {}, answer));
    this.delete(this.target('Pod', name), { gracePeriodSeconds: 0 });
  }

  private act(step: Step): StepResult | undefined | string {
    switch (step.op) {
      case 'namespace':
        return this.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
      case 'create':
        return this.create(this.ours(step.object!));
      case 'createMany': {
        const codes = step.objects!.map((object) => this.create(this.ours(object)).code!);
        return { codes: [...new Set(codes)] };
      }
      case 'patch':
        return this.patch(this.target(step.kind!, step.name!, step.subresource), step);
      case 'delete':
        return this.delete(this.target(step.kind!, step.name!), step.options ?? {});
      case 'deleteMany':
        for (let i = step.first!; i < step.first! + step.count!; i++) {
          this.delete(this.target('Pod', `p${String(i).padStart(3, '0')}`), { gracePeriodSeconds: 0 });
        }
        return { code: 200 };
      case 'http':
        return this.http(step);
      case 'kubelet':
        return this.kubelet(step);
      case 'bind':
        return this.bind(step.nodes!);
      case 'node':
        return this.node(step);
      case 'deleteNode':
        this.heart.stop(step.node!);
        this.delete(this.target('Node', step.node!), {});
        return {};
      case 'nodeCondition':
        return this.nodeConditions(step.node!, [step as unknown as NodeCondition]);
      case 'stopHeartbeat':
        for (const name of step.nodes!) this.heart.stop(name);
        return {};
      case 'startHeartbeat':
        for (const name of step.nodes!) {
          this.heart.start(name);
          if (step.readyStatus === true) this.nodeConditions(name, READY_CONDITIONS);
        }
        return {};
      case 'wait':
        return undefined;
      default:
        return `the step "${step.op}" cannot be played yet`;
    }
  }

  private kubelet(step: Step): StepResult {
    const pods = this.of('Pod') as unknown as LivePod[];
    const names: string[] = [];
    for (const pod of picked(pods, step, (name) => this.names.ours(name))) {
      const { name } = pod.metadata;
      names.push(this.names.theirs(name));
      if (step.action === 'reap') {
        this.delete(this.target('Pod', name), { gracePeriodSeconds: 0 });
        continue;
      }
      if (pod.status.podIP === undefined) this.addresses++;
      const address = `10.244.${this.addresses >> 8}.${this.addresses & 255}`;
      const now = `${new Date(this.clock.nowMs).toISOString().slice(0, 19)}Z`;
      const patch = { status: statusFor(pod, step, now, address) };
      this.answered((answer) => this.client.patch(this.target('Pod', name, 'status'), 'strategic', patch, {}, answer));
    }
    return { pods: names };
  }

  /** With a heart, unless the step says otherwise. */
  private node({ name, labels, spec, noStatus, heartbeats }: Partial<Step>): StepResult {
    const result = this.create(newNode(name!, { labels, spec, noStatus }));
    if (heartbeats !== false) this.heart.start(name!);
    return result;
  }

  private nodeConditions(name: string, changed: readonly NodeCondition[]): StepResult {
    const node = this.live.get(`Node//${name}`) as KubeObject & { status?: { conditions?: NodeCondition[] } };
    const time = timestamp(this.clock.nowMs);
    const conditions = changed.map(({ type, status, reason, message = '' }) => {
      const before = node.status?.conditions?.find((condition) => condition.type === type);
      const lastTransitionTime = before?.status === status ? before.lastTransitionTime : time;
      return { type, status, reason, message, lastHeartbeatTime: time, lastTransitionTime };
    });
    const patch = { status: { conditions } };
    const target = this.target('Node', name, 'status');
    this.answered((answer) => this.client.patch(target, 'strategic', patch, {}, answer));
    return {};
  }

  /** The pods in the order of their names. */
  private bind(nodes: readonly string[]): StepResult {
    const pods = this.of('Pod').map(({ metadata }) => metadata!.name!);
    pods.sort().forEach((name, i) => {
      const target = { apiVersion: 'v1', kind: 'Node', name: nodes[i] };
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace: NAMESPACE }, target };
      const at = this.target('Pod', name, 'binding');
      this.answered((answer) => this.client.create(at, binding as KubeObject, {}, answer));
    });
    return {};
  }

  private create(object: Fields): StepResult {
    const target = this.target(object.kind as string);
    const owned = this.withOwners(object as unknown as KubeObject);
    return this.answered((answer) => this.client.create(target, owned, {}, answer), 201);
  }

  /** The owners that it names have other uids here. */
  private withOwners(object: KubeObject): KubeObject {
    const { ownerReferences } = object.metadata ?? {};
    if (ownerReferences === undefined) return object;
    const ours = ownerReferences.map((owner) => {
      const live = this.live.get(`${owner.kind}/${NAMESPACE}/${owner.name}`);
      return live === undefined ? owner : { ...owner, uid: live.metadata?.uid ?? '' };
    });
    return { ...object, metadata: { ...object.metadata, ownerReferences: ours } };
  }

  private patch(target: Target, { patchType, patch }: Step): StepResult {
    return this.answered((answer) => this.client.patch(target, patchType!, this.ours(patch), {}, answer));
  }

  private delete(target: Target, options: Fields): StepResult {
    return this.answered((answer) => this.client.delete(target, options, answer));
  }

  private http({ method, path, body }: Step): StepResult | string {
    const route = routeOf(this.names.ours(path!).split('?')[0]!, this.server.registry);
    if (route?.type !== 'resource') return `the path ${path} cannot be played yet`;
    const { target } = route;
    const object = this.ours(body) as KubeObject;
    if (method === 'POST') return this.answered((answer) => this.client.create(target, object, {}, answer), 201);
    if (method === 'PUT') return this.answered((answer) => this.client.update(target, object, {}, answer));
    if (method === 'PATCH') return this.answered((answer) => this.client.patch(target, 'merge', object, {}, answer));
    if (method === 'DELETE') return this.delete(target, (object as Fields | undefined) ?? {});
    return `the request ${method} ${path} cannot be played yet`;
  }

  private answered(call: (answer: (error: Status | undefined) => void) => void, code = 200): StepResult {
    let result: StepResult = { code };
    call((error) => {
      if (error !== undefined) result = { code: error.code, reason: error.reason, message: error.message };
    });
    return result;
  }

  private state(): State {
    const { names, keepNodes } = this;
    const state: Record<string, Projected> = {};
    for (const object of this.live.values()) {
      if (this.isShared(object)) continue;
      const projected = project(object as Fields, { names, keepNodes });
      state[`${object.kind}/${projected.metadata.name}`] = projected;
    }
    return state;
  }

  private isShared({ kind, metadata }: KubeObject): boolean {
    if (kind === 'Namespace') return !this.keepDefaults || metadata?.name !== NAMESPACE;
    if (metadata?.namespace === undefined) return !metadata?.name?.startsWith(`${this.scenario.id}-n`);
    if (metadata.namespace !== NAMESPACE) return true;
    const isDefault = metadata.name === 'default' || metadata.name === 'kube-root-ca.crt';
    return isDefault && (kind === 'ServiceAccount' || kind === 'ConfigMap') && !this.keepDefaults;
  }

  private of(kind: string): KubeObject[] {
    return [...this.live.values()].filter((object) => object.kind === kind && object.metadata?.namespace === NAMESPACE);
  }

  private watch(kind: string): void {
    const { group, version, resource } = this.target(kind);
    this.client.watch(
      { group, version, resource },
      {},
      {
        event: ({ type, object }) => {
          if (type === 'ERROR' || type === 'BOOKMARK') return;
          const key = `${kind}/${object.metadata?.namespace ?? ''}/${object.metadata?.name}`;
          const whole = { ...object, kind } as KubeObject;
          if (type === 'DELETED') this.live.delete(key);
          else this.live.set(key, whole);
          if (type === 'ADDED') this.names.learn(whole as never);
        },
        ended: () => {},
      },
    );
  }

  private target(kind: string, name?: string, subresource?: string): Target {
    const { group, version, resource, namespaced } = this.resourceOf(kind);
    const namespace = namespaced ? NAMESPACE : undefined;
    return { group, version, resource, namespace, name: name && this.names.ours(name), subresource };
  }

  private resourceOf(kind: string): Resource {
    const ofKind = this.server.registry.resources.filter((resource) => resource.kind === kind && resource.stored);
    const found = ofKind.find(({ version }) => version === 'v1');
    if (found === undefined) throw new Error(`kind ${kind} is not served`);
    return found;
  }

  private ours<T>(value: T): T {
    return value === undefined ? value : (JSON.parse(this.names.ours(JSON.stringify(value))) as T);
  }
}
