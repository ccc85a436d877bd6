/** The scheduler's API calls as verbs of the API server. */
import type { Condition, KubeObject, Pod, PodGroup } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type { PluginApi, WriteAnswer, WriteError } from '../../scheduler/plugin.ts';
import type { Done, EventRecord, PodStatusPatch, SchedulerApi } from '../../scheduler/timed/api.ts';
import type { ApiClient, Target } from '../apiserver/client.ts';
import { registry } from '../apiserver/index.ts';
import type { Status } from '../apiserver/status.ts';
import { EventRecorder } from './event-recorder.ts';

export interface ClientSchedulerApiOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  /** Ends the name by which events tell who has reported them. */
  readonly instance: string;
  readonly recorded?: (event: EventRecord) => void;
}

export class ClientSchedulerApi implements SchedulerApi {
  readonly plugins: PluginApi;
  private readonly client: ApiClient;
  private readonly clock: Clock;
  private readonly recorder: EventRecorder;
  private readonly recorded: ClientSchedulerApiOptions['recorded'];

  constructor({ client, clock, instance, recorded }: ClientSchedulerApiOptions) {
    this.client = client;
    this.clock = clock;
    this.recorder = new EventRecorder(client, clock, instance);
    this.recorded = recorded;
    this.plugins = {
      get: (object, answer) => client.get(targetOf(object), written(answer)),
      create: (object, answer) => client.create(targetOf(object), object, {}, written(answer)),
      update: (object, answer) => client.update(targetOf(object), object, {}, written(answer)),
      delete: (object, answer) =>
        client.delete(targetOf(object), {}, (error) => answer(undefined, error && writeError(error))),
      patchPodStatus: (pod, fields, answer) =>
        client.patch(podTarget(pod, 'status'), 'strategic', { status: fields }, {}, written(answer)),
    };
  }

  bind(pod: Pod, nodeName: string, done: Done): void {
    const { name, namespace, uid } = pod.metadata ?? {};
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, uid },
      target: { kind: 'Node', name: nodeName },
    };
    this.client.create(podTarget(pod, 'binding'), binding as KubeObject, {}, (error) =>
      done(error && writeError(error)),
    );
  }

  patchPodStatus(pod: Pod, { condition, nominatedNodeName }: PodStatusPatch, done: Done): void {
    const known = condition && pod.status?.conditions?.find(({ type }) => type === condition.type);
    const status = {
      ...(condition === undefined
        ? {}
        : { conditions: [{ ...condition, ...this.transition(known?.status === condition.status) }] }),
      ...(nominatedNodeName === undefined
        ? {}
        : { nominatedNodeName: nominatedNodeName === '' ? null : nominatedNodeName }),
    };
    const patch = { metadata: { uid: pod.metadata?.uid }, status };
    this.client.patch(podTarget(pod, 'status'), 'strategic', patch, {}, (error) => done(error && writeError(error)));
  }

  patchGroupCondition(group: PodGroup, condition: Condition, done: Done): void {
    const status = { conditions: [{ ...condition, ...this.transition(false) }] };
    const target = { ...targetOf({ kind: 'PodGroup', ...group }), subresource: 'status' };
    this.client.patch(target, 'strategic', { status }, {}, (error) => done(error && writeError(error)));
  }

  deletePod(pod: Pod, done: Done): void {
    this.client.delete(podTarget(pod), {}, (error) => done(error && writeError(error)));
  }

  update(object: KubeObject, done: (stored: KubeObject | undefined, error: WriteError | undefined) => void): void {
    this.client.update(targetOf(object), object, {}, written(done));
  }

  record(event: EventRecord): void {
    this.recorded?.(event);
    this.recorder.record(event);
  }

  private transition(isSame: boolean): object {
    return isSame ? {} : { lastTransitionTime: new Date(this.clock.nowMs).toISOString().replace(/\.\d+Z$/, 'Z') };
  }
}

const podTarget = ({ metadata }: Pod, subresource?: string): Target => ({
  group: '',
  version: 'v1',
  resource: 'pods',
  namespace: metadata?.namespace ?? 'default',
  name: metadata?.name,
  subresource,
});

function targetOf({ apiVersion, kind = '', metadata }: KubeObject): Target {
  const resource =
    (apiVersion === undefined ? undefined : registry.ofKind(apiVersion, kind)) ??
    registry.resources.find((each) => each.kind === kind);
  if (resource === undefined) throw new Error(`kind ${kind} is not served`);
  const { group, version, resource: name, namespaced } = resource;
  const namespace = namespaced ? (metadata?.namespace ?? 'default') : undefined;
  return { group, version, resource: name, namespace, name: metadata?.name };
}

const written =
  (answer: WriteAnswer) =>
  (error: Status | undefined, stored: KubeObject): void =>
    error === undefined ? answer(stored, undefined) : answer(undefined, writeError(error));

function writeError({ code, message = '' }: Status): WriteError {
  const reason = code === 404 ? 'NotFound' : code === 409 ? 'Conflict' : code === 400 ? 'BadRequest' : 'Other';
  return { reason, message };
}
