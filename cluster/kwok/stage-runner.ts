/**
 * Plays Stages on the objects of an API server: each object is in at most one stage at a time, chosen by weight among those
 * that match it, and goes on after that stage's delay. Source: `pkg/kwok/controllers` and `pkg/utils/lifecycle` of
 * `kubernetes-sigs/kwok` @172defa.
 */
import { parse, stringify } from 'yaml';
import type { KubeObject, Node, Pod } from '../../api/index.ts';
import { type Cancel, type Clock, Lane } from '../../scheduler/clock.ts';
import { Random } from '../../scheduler/random.ts';
import type { ApiClient, Target } from '../apiserver/client.ts';
import { registry } from '../apiserver/index.ts';
import { EventRecorder } from '../controllers/index.ts';
import { HEALTHY, nodeConditions } from '../kubelet/node-status.ts';
import { Seconds } from '../kubelet/seconds.ts';
import { PodAddresses } from '../runtimes/pod-addresses.ts';
import { Reflector } from '../scheduler-client/reflector.ts';
import { durationMs } from '../simulation/attempt-time.ts';
import type { Expression } from './expression.ts';
import type { Stage, StageDelay, StageFinalizers, StageObject, StagePatch, StageStep } from './stage.ts';
import type { Functions, Template } from './template.ts';

export interface StagesOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly stages: readonly Stage[];
  /** Which objects are played. @default all, pods once they have a node */
  readonly isOurs?: (object: KubeObject) => boolean;
  /** @default 1 */
  readonly seed?: number;
  /** A template or a write that went wrong; the object waits for its next change. */
  readonly failed?: (stage: string, why: string) => void;
}

interface Playing {
  object: KubeObject;
  stage: Stage | undefined;
  cancel: Cancel | undefined;
  isActing: boolean;
}

const UINT32 = 2 ** 32;
const VERSION = 'v0.8.0';
const NODES: Target = { group: '', version: 'v1', resource: 'nodes' };

const isPlayed = (object: KubeObject): boolean => object.kind !== 'Pod' || Boolean((object as Pod).spec?.nodeName);

export class StageRunner {
  private readonly options: StagesOptions;
  private readonly random: Random;
  private readonly recorder: EventRecorder;
  private readonly playing = new Map<string, Playing>();
  private readonly nodes = new Map<string, Node>();
  private readonly addresses = new Map<string, PodAddresses>();
  private readonly reflectors: Reflector[];
  private readonly startTime: string;
  private isStopped = false;

  constructor(options: StagesOptions) {
    const { client, clock, stages, seed = 1 } = options;
    this.options = options;
    this.random = new Random(seed);
    this.recorder = new EventRecorder(client, clock, 'kwok');
    this.startTime = Seconds.of(clock.nowMs);
    const kinds = new Map(stages.map(({ apiVersion, kind }) => [`${apiVersion} ${kind}`, targetOf(apiVersion, kind)]));
    kinds.set('v1 Node', NODES);
    // Nodes first: addresses of pods come from them.
    const targets = [...kinds.values()].sort((a, b) => Number(b.resource === 'nodes') - Number(a.resource === 'nodes'));
    this.reflectors = targets.map(
      (target) =>
        new Reflector({
          client,
          clock,
          target,
          event: ({ type, object }) => this.heard(object as KubeObject, type === 'deleted'),
        }),
    );
  }

  start(): void {
    for (const reflector of this.reflectors) reflector.start();
  }

  stop(): void {
    this.isStopped = true;
    for (const reflector of this.reflectors) reflector.stop();
    for (const { cancel } of this.playing.values()) cancel?.();
    this.playing.clear();
  }

  private heard(object: KubeObject, isGone: boolean): void {
    const key = `${object.kind}/${object.metadata?.uid}`;
    if (object.kind === 'Node') {
      if (isGone) this.nodes.delete(object.metadata?.name ?? '');
      else this.nodes.set(object.metadata?.name ?? '', object as Node);
    }
    const known = this.playing.get(key);
    if (isGone) {
      known?.cancel?.();
      this.playing.delete(key);
      this.giveAddress(object as Pod);
      return;
    }
    const { isOurs = isPlayed } = this.options;
    if (known === undefined && !isOurs(object)) return;
    const playing = known ?? { object, stage: undefined, cancel: undefined, isActing: false };
    playing.object = object;
    this.playing.set(key, playing);
    if (!playing.isActing) this.choose(playing);
  }

  /** A stage that is under way goes on while it matches. */
  private choose(playing: Playing): void {
    const { object, stage } = playing;
    const { stages, clock } = this.options;
    if (stage !== undefined && playing.cancel !== undefined && stage.matches(object as StageObject)) return;
    playing.cancel?.();
    playing.cancel = undefined;
    const matching = stages.filter(
      ({ apiVersion, kind, matches }) =>
        kind === object.kind && apiVersion === (object.apiVersion ?? 'v1') && matches(object as StageObject),
    );
    playing.stage = this.draw(matching, object as StageObject);
    if (playing.stage === undefined) return;
    const { delay, isImmediate } = playing.stage;
    const waitMs = isImmediate ? 0 : this.delayMs(delay, object);
    const task = (): void => {
      playing.cancel = undefined;
      this.act(playing);
    };
    playing.cancel = clock.timer(clock.nowMs + waitMs, task, Lane.Component);
  }

  /** In proportion to the weights; those without one only when nobody has any. */
  private draw(stages: readonly Stage[], object: StageObject): Stage | undefined {
    if (stages.length < 2) return stages[0];
    const weights = stages.map((stage) => Math.max(0, stage.weight(object)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (total === 0) return stages[this.random.below(stages.length)];
    let left = (this.random.next() / UINT32) * total;
    for (const [i, stage] of stages.entries()) {
      left -= weights[i]!;
      if (left < 0) return stage;
    }
    return stages.at(-1);
  }

  /** Uniform between the two; the second alone where it is the smaller. */
  private delayMs({ fromMs, fromExpression, toMs, toExpression }: StageDelay, object: KubeObject): number {
    const from = this.said(fromExpression, object) ?? fromMs;
    const to = this.said(toExpression, object) ?? toMs;
    if (to === undefined) return from;
    if (to <= from) return to;
    return from + (this.random.next() / UINT32) * (to - from);
  }

  /** A duration of Go, or a time until which to wait. */
  private said(expression: Expression | undefined, object: KubeObject): number | undefined {
    const value = expression?.(object)[0];
    if (typeof value !== 'string' || value === '') return undefined;
    const ms = durationMs(value);
    if (ms !== undefined && ms >= 0) return ms;
    const time = Date.parse(value);
    return Number.isNaN(time) ? undefined : Math.max(0, time - this.options.clock.nowMs);
  }

  private act(playing: Playing): void {
    const { object, stage } = playing;
    if (stage === undefined || this.isStopped) return;
    playing.isActing = true;
    const next = (i: number): void => {
      const step = stage.steps[i];
      if (step === undefined) this.acted(playing, object);
      else this.take(stage.name, step, object, (isTaken) => (isTaken ? next(i + 1) : this.acted(playing, object)));
    };
    next(0);
  }

  private take(stage: string, step: StageStep, object: KubeObject, done: (isTaken: boolean) => void): void {
    const { event, finalizers, patch, apply, isDeleted } = step;
    if (event !== undefined) {
      this.recorder.record(object, event.type, event.reason, event.message);
      done(true);
    } else if (finalizers !== undefined) this.setFinalizers(stage, finalizers, object, done);
    else if (patch !== undefined) {
      const change = this.rendered(stage, patch.template, object);
      if (change === undefined) done(false);
      else {
        const whole = patch.root === '' ? change : { [patch.root]: change };
        this.write(stage, object, patch.subresource, patch.type, whole, done);
      }
    } else if (apply !== undefined) this.apply(stage, apply, object, done);
    else if (isDeleted === true) this.remove(object, () => done(true));
  }

  /** What has changed meanwhile counts now; what the stage itself changed comes by the watch, or has not changed. */
  private acted(playing: Playing, on: KubeObject): void {
    playing.isActing = false;
    playing.stage = undefined;
    if (playing.object === on || this.isStopped) return;
    const key = `${on.kind}/${on.metadata?.uid}`;
    if (this.playing.get(key) === playing) this.choose(playing);
  }

  private setFinalizers(
    stage: string,
    { add, remove, isEmptied }: StageFinalizers,
    object: KubeObject,
    done: (isWritten: boolean) => void,
  ): void {
    const old = object.metadata?.finalizers ?? [];
    const kept = isEmptied ? [] : old.filter((finalizer) => !remove.includes(finalizer));
    const finalizers = [...kept, ...add.filter((finalizer) => !kept.includes(finalizer))];
    if (finalizers.join() === old.join()) done(true);
    else {
      const change = { metadata: { finalizers: finalizers.length === 0 ? null : finalizers } };
      this.write(stage, object, '', 'merge', change, done);
    }
  }

  private rendered(stage: string, template: Template, object: KubeObject): unknown {
    try {
      return parse(template(object, this.functionsFor(object))) ?? undefined;
    } catch (error) {
      this.options.failed?.(stage, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  private apply(stage: string, template: Template, about: KubeObject, done: (isWritten: boolean) => void): void {
    const object = this.rendered(stage, template, about) as KubeObject | undefined;
    if (object === undefined) {
      done(false);
      return;
    }
    const options = { fieldManager: 'kwok', force: true };
    this.options.client.patch(placeOf(object), 'apply', object, options, (error) => {
      if (error !== undefined) this.options.failed?.(stage, error.message ?? '');
      done(error === undefined);
    });
  }

  private write(
    stage: string,
    object: KubeObject,
    subresource: string,
    type: StagePatch['type'],
    change: unknown,
    done: (isWritten: boolean) => void,
  ): void {
    const target = { ...placeOf(object), ...(subresource !== '' && { subresource }) };
    this.options.client.patch(target, type, change, {}, (error) => {
      if (error !== undefined && error.code !== 404) this.options.failed?.(stage, error.message ?? '');
      done(error === undefined);
    });
  }

  private remove(object: KubeObject, done: () => void): void {
    const uid = object.metadata?.uid;
    const options = { gracePeriodSeconds: 0, ...(uid !== undefined && { preconditions: { uid } }) };
    this.options.client.delete(placeOf(object), options, done);
  }

  private functionsFor(object: KubeObject): Functions {
    const { clock } = this.options;
    const nodeName = object.kind === 'Node' ? object.metadata?.name : (object as Pod).spec?.nodeName;
    const ipOf = (name: unknown): string =>
      this.nodes.get(String(name))?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '10.0.0.1';
    let taken: string | undefined;
    const podIp = (name: unknown, isOnHostNetwork: unknown): string => {
      if (isOnHostNetwork === true) return ipOf(name);
      taken ??= this.takeAddress(String(name), object as Pod);
      return taken;
    };
    return {
      Now: () => Seconds.of(clock.nowMs),
      StartTime: () => this.startTime,
      Quote: (value) => JSON.stringify(value === undefined || value === null ? '' : String(value)),
      YAML: (value, indent = 0) =>
        stringify(value)
          .trimEnd()
          .split('\n')
          .join(`\n${'  '.repeat(Number(indent))}`),
      Version: () => VERSION,
      NodeConditions: () => nodeConditions(HEALTHY, undefined, Seconds.of(clock.nowMs)),
      NodeIP: () => ipOf(nodeName),
      NodeName: () => nodeName,
      NodePort: () => 10_247,
      NodeIPWith: ipOf,
      NodeIPsWith: (name) => [ipOf(name)],
      PodIPWith: podIp,
      PodIPsWith: (name, isOnHostNetwork) => [podIp(name, isOnHostNetwork)],
    };
  }

  private takeAddress(node: string, { status }: Pod): string {
    return status?.podIP || (this.addressesOf(node).take() ?? '');
  }

  private giveAddress({ kind, spec, status }: Pod): void {
    if (kind !== 'Pod' || !spec?.nodeName || spec.hostNetwork === true || !status?.podIP) return;
    this.addressesOf(spec.nodeName).give(status.podIP);
  }

  private addressesOf(node: string): PodAddresses {
    let addresses = this.addresses.get(node);
    if (addresses === undefined) {
      const cidr = this.nodes.get(node)?.spec?.podCIDR ?? `10.${112 + (this.addresses.size % 144)}.0.0/16`;
      addresses = new PodAddresses(cidr);
      this.addresses.set(node, addresses);
    }
    return addresses;
  }
}

function targetOf(apiVersion: string, kind: string): Target {
  const resource = registry.ofKind(apiVersion, kind);
  if (resource === undefined) throw new Error(`kind ${kind} of ${apiVersion} is not served`);
  return { group: resource.group, version: resource.version, resource: resource.resource };
}

function placeOf({ apiVersion = 'v1', kind = '', metadata }: KubeObject): Target {
  return { ...targetOf(apiVersion, kind), namespace: metadata?.namespace, name: metadata?.name };
}
