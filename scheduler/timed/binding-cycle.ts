/**
 * The way of an assumed pod to its node: waiting on Permit, PreBind, Bind, PostBind. Each step may take time; scheduling
 * goes on meanwhile. Source: `bindingCycle` in `pkg/scheduler/schedule_one.go`, v1.37.2.
 */
import type { Clock } from '../clock.ts';
import type { Cluster } from '../cluster.ts';
import { chooseBinder, errorFailure, type Failure, failureOf, rejectionFailure } from '../cycle-steps.ts';
import type { Extenders } from '../extender/extenders.ts';
import type { EnabledPlugin, Framework } from '../framework.ts';
import type { PodInfo, PreBindContext, Status } from '../plugin.ts';
import type { QueuedEntity } from '../queue/entity.ts';
import type { SchedulerApi } from './api.ts';
import type { PodCache } from './pod-cache.ts';
import type { WaitingPods } from './waiting-pods.ts';

export interface BindingOptions {
  readonly api: SchedulerApi;
  /** Where bindings and status patches go. */
  readonly podApi: Pick<SchedulerApi, 'bind' | 'patchPodStatus'>;
  readonly clock: Clock;
  readonly cluster: Cluster;
  readonly pods: PodCache;
  readonly waitingPods: WaitingPods;
  readonly extenders: Extenders;
  /** Write the chosen node to the pod before a binding that takes time (gate NominatedNodeNameForExpectation). */
  readonly nominateFirst: boolean;
  /** How long the call that binds takes. */
  readonly bindingDelayMs: number;
  /** Past the point where events may still concern the pod. */
  readonly onPermitted: (uid: string) => void;
  readonly onBound: (binding: Binding) => void;
  readonly onFailed: (binding: Binding, failure: Failure) => void;
}

export interface Binding {
  readonly entity: QueuedEntity;
  readonly framework: Framework;
  /** With `spec.nodeName`. */
  readonly pod: PodInfo;
  readonly nodeName: string;
  /** Of the node when it was chosen; −1 when it had gone by then. */
  readonly row: number;
}

/** Plugins of one step work at the same time, and steps one after another. */
type PreBindPlan = ReadonlyArray<readonly EnabledPlugin[]>;

interface PreBinding {
  cancel(reason: string): boolean;
}

export class BindingCycles {
  private readonly options: BindingOptions;
  /** Bindings in PreBind, by pod UID. */
  private readonly preBinding = new Map<string, PreBinding>();

  constructor(options: BindingOptions) {
    this.options = options;
  }

  /** Stops a pod's PreBind; undefined when it is not in that phase, false when it is too late. */
  cancel(uid: string, reason: string): boolean | undefined {
    return this.preBinding.get(uid)?.cancel(reason);
  }

  start(binding: Binding): void {
    const { podApi, waitingPods, nominateFirst, onFailed } = this.options;
    const { pod, nodeName } = binding;
    const plan = this.preFlight(binding);
    if (!Array.isArray(plan)) {
      onFailed(binding, plan as Failure);
      return;
    }
    const waiting = waitingPods.get(pod.uid);
    if (nominateFirst && (plan.length > 0 || waiting !== undefined) && pod.pod.status?.nominatedNodeName !== nodeName) {
      podApi.patchPodStatus(pod.pod, { nominatedNodeName: nodeName }, () => {});
    }
    if (waiting === undefined) this.preBind(binding, plan);
    else waiting.onEnd((status, plugin) => this.afterPermit(binding, plan, status, plugin));
  }

  private afterPermit(binding: Binding, plan: PreBindPlan, status: Status | undefined, plugin: string): void {
    if (status === undefined) this.preBind(binding, plan);
    else if (status.code === 'Error') this.options.onFailed(binding, errorFailure(status.reasons.join(', ')));
    else this.options.onFailed(binding, rejectionFailure(status, plugin));
  }

  /** The plugins that have something to do before the pod is bound, or why it cannot be. */
  private preFlight({ framework, pod, row }: Binding): PreBindPlan | Failure {
    const { cluster } = this.options;
    const plan: EnabledPlugin[][] = [];
    /** To which the next plugin may be added. */
    let together: EnabledPlugin[] | undefined;
    for (const enabled of framework.preBind) {
      const { name, plugin } = enabled;
      if (plugin.preBind === undefined && plugin.startPreBind === undefined) continue;
      const status = plugin.preBindPreFlight?.(pod, row, cluster);
      const isSerial = plugin.allowsParallelPreBind !== true;
      if (isSerial) together = undefined;
      if (status === undefined || status.code === 'Success') {
        if (together === undefined) {
          const step = [enabled];
          plan.push(step);
          if (!isSerial) together = step;
        } else together.push(enabled);
      } else if (status.code === 'Error') {
        return errorFailure(`running PreBindPreFlight "${name}": ${status.reasons.join(', ')}`);
      } else if (status.code !== 'Skip') {
        return errorFailure(
          `PreBindPreFlight ${name} returned "${status.code}", which is unsupported. It is supposed to return Success, Skip, or Error status`,
        );
      }
    }
    return plan;
  }

  private preBind(binding: Binding, plan: PreBindPlan): void {
    const { onPermitted, onFailed, clock } = this.options;
    const { uid } = binding.pod;
    onPermitted(uid);
    const stops = new Set<() => void>();
    const stopAll = (): void => {
      for (const stop of stops) stop();
      stops.clear();
    };
    const end = (failure: Failure | undefined): void => {
      this.preBinding.delete(uid);
      if (failure === undefined) this.bind(binding);
      else onFailed(binding, failure);
    };
    const runFrom = (index: number): void => {
      const step = plan[index];
      if (step === undefined) {
        end(undefined);
        return;
      }
      this.runTogether(binding, step, stops, (failure) => {
        stopAll();
        if (failure === undefined) runFrom(index + 1);
        else end(failure);
      });
    };
    if (plan.length > 0) {
      this.preBinding.set(uid, {
        cancel: (reason) => {
          const name = plan.flat().find(({ plugin }) => plugin.startPreBind !== undefined)?.name ?? '';
          stopAll();
          // What waits for the plugin hears of it in a moment, as upstream's goroutine does.
          clock.soon(() => end(errorFailure(`running PreBind plugin "${name}": ${reason}`)));
          return true;
        },
      });
    }
    runFrom(0);
  }

  /** Ends when all plugins of a step are through, or the first has failed. */
  private runTogether(
    binding: Binding,
    step: readonly EnabledPlugin[],
    stops: Set<() => void>,
    done: (failure: Failure | undefined) => void,
  ): void {
    let left = step.length;
    for (const enabled of step) {
      let stop: (() => void) | undefined;
      let isOver = false;
      stop = this.runPreBind(binding, enabled, (failure) => {
        isOver = true;
        if (stop !== undefined) stops.delete(stop);
        if (left === 0) return;
        left = failure === undefined ? left - 1 : 0;
        if (left === 0) done(failure);
      });
      if (left === 0) return;
      if (stop !== undefined && !isOver) stops.add(stop);
    }
  }

  /** Returns how to stop it; what is done at once cannot be stopped. */
  private runPreBind(
    { pod, row }: Binding,
    { name, plugin }: EnabledPlugin,
    done: (failure: Failure | undefined) => void,
  ): (() => void) | undefined {
    const { cluster, clock, api, pods } = this.options;
    if (plugin.startPreBind === undefined) {
      done(failureOf('PreBind', name, plugin.preBind?.(pod, row, cluster)));
      return undefined;
    }
    const context: PreBindContext = {
      get nowMs() {
        return clock.nowMs;
      },
      after: (delayMs, task) => clock.timer(clock.nowMs + delayMs, task),
      update: (object, answer) => api.update(object, (stored, error) => answer(stored, error?.message)),
      podExists: () => pods.get(pod.key) !== undefined,
      finish: (status) => done(failureOf('PreBind', name, status)),
    };
    return plugin.startPreBind(pod, row, cluster, context);
  }

  private bind(binding: Binding): void {
    const { clock, bindingDelayMs } = this.options;
    const send = (): void => {
      if (!this.bindByExtender(binding)) this.bindByPlugin(binding);
    };
    if (bindingDelayMs > 0) clock.at(clock.nowMs + bindingDelayMs, send);
    else send();
  }

  /** False when no extender binds the pod, or one that may fail has failed. */
  private bindByExtender(binding: Binding): boolean {
    const { extenders, onBound, onFailed } = this.options;
    const error = extenders.bind(binding.pod, binding.nodeName);
    if (error === undefined) return false;
    if (error === '') onBound(binding);
    else onFailed(binding, errorFailure(error));
    return true;
  }

  private bindByPlugin(binding: Binding): void {
    const { podApi, cluster, onBound, onFailed } = this.options;
    const { framework, pod, row, nodeName } = binding;
    const chosen = chooseBinder(framework, pod, row, cluster);
    if ('failure' in chosen) {
      onFailed(binding, chosen.failure);
      return;
    }
    podApi.bind(pod.pod, nodeName, (error) => {
      if (error === undefined) onBound(binding);
      else onFailed(binding, errorFailure(`running Bind plugin "${chosen.binder}": ${error.message}`));
    });
  }
}
