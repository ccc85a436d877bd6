/**
 * Probes of one pod: one runner for each container and kind, each with its period. Source: `pkg/kubelet/prober/{worker,
 * prober_manager}.go`, v1.37.2.
 */
import type { Container, Pod, PodStatus } from '../../api/index.ts';
import { type Cancel, type Clock, Lane } from '../../scheduler/clock.ts';
import { isSidecar, restartsAfter } from './restart-policy.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';
export type Probe = NonNullable<Container['livenessProbe']> & { readonly grpc?: { readonly port: number } };

/** What the probes have found so far. */
export interface ProbeResults {
  /** True for success, false for failure, undefined while there is none for this container. */
  result(container: string, kind: ProbeKind, id: string): boolean | undefined;
  isStarted(container: Container, containerId: string): boolean;
  isReady(container: Container, containerId: string): boolean;
}

export interface ProbeHost {
  readonly clock: Clock;
  readonly status: PodStatus | undefined;
  readonly pod: Pod;
  /** Runs the probe once; undefined when it could not be run. */
  run(
    container: Container,
    kind: ProbeKind,
    probe: Probe,
    id: string,
    done: (isSuccess: boolean | undefined) => void,
  ): void;
  /** A result has changed. */
  changed(): void;
}

const KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];
const FIELDS = { startup: 'startupProbe', liveness: 'livenessProbe', readiness: 'readinessProbe' } as const;

export const hasProbes = ({ spec }: Pod): boolean =>
  [...(spec?.containers ?? []), ...(spec?.initContainers ?? []).filter(isSidecar)].some((container) =>
    KINDS.some((kind) => container[FIELDS[kind]] !== undefined),
  );

export class PodProbes implements ProbeResults {
  private readonly runners = new Map<string, Runner>();

  constructor(host: ProbeHost) {
    const { spec } = host.pod;
    const probed = [...(spec?.containers ?? []), ...(spec?.initContainers ?? []).filter(isSidecar)];
    for (const container of probed) {
      for (const kind of KINDS) {
        const probe = container[FIELDS[kind]] as Probe | undefined;
        if (probe === undefined) continue;
        this.runners.set(keyOf(container.name, kind), new Runner(host, container, kind, probe));
      }
    }
    for (const runner of this.runners.values()) runner.tick();
  }

  result(container: string, kind: ProbeKind, id: string): boolean | undefined {
    const runner = this.runners.get(keyOf(container, kind));
    return runner?.containerId === id ? runner.result : undefined;
  }

  isStarted(container: Container, containerId: string): boolean {
    if (container.startupProbe === undefined) return true;
    return this.result(container.name, 'startup', idOf(containerId)) === true;
  }

  /** One that was not asked about this container yet is asked at once. */
  isReady(container: Container, containerId: string): boolean {
    if (container.readinessProbe === undefined) return true;
    if (this.result(container.name, 'readiness', idOf(containerId)) === true) return true;
    this.runners.get(keyOf(container.name, 'readiness'))?.trigger();
    return false;
  }

  stop(isWanted: (kind: ProbeKind) => boolean = () => true): void {
    for (const runner of this.runners.values()) if (isWanted(runner.kind)) runner.stop();
  }
}

const keyOf = (container: string, kind: ProbeKind): string => `${kind}/${container}`;
const idOf = (containerId: string): string => containerId.slice(containerId.indexOf('://') + 3);

class Runner {
  readonly kind: ProbeKind;
  containerId = '';
  result: boolean | undefined;
  private readonly host: ProbeHost;
  private readonly container: Container;
  private readonly probe: Probe;
  private readonly periodMs: number;
  private lastFound: boolean | undefined;
  private run = 0;
  private isOnHold = false;
  private isAsking = false;
  private isStopped = false;
  private isTriggered = false;
  private cancel: Cancel | undefined;

  constructor(host: ProbeHost, container: Container, kind: ProbeKind, probe: Probe) {
    this.host = host;
    this.container = container;
    this.kind = kind;
    this.probe = probe;
    this.periodMs = (probe.periodSeconds || 10) * 1000;
  }

  stop(): void {
    this.isStopped = true;
    this.cancel?.();
    this.cancel = undefined;
  }

  /** Out of turn, once the running moment is over; the period counts from there. */
  trigger(): void {
    if (this.isStopped || this.isAsking || this.isTriggered) return;
    this.isTriggered = true;
    this.host.clock.soon(() => {
      this.isTriggered = false;
      if (!this.isStopped && !this.isAsking) this.tick();
    });
  }

  tick(): void {
    this.cancel?.();
    const { clock } = this.host;
    if (!this.look()) {
      this.stop();
      return;
    }
    this.cancel = clock.timer(clock.nowMs + this.periodMs, () => this.tick(), Lane.Component);
  }

  /** Probes where there is something to probe. False when nothing will ever be (`doProbe`). */
  private look(): boolean {
    const { host, container, kind, probe } = this;
    const status = host.status;
    if (status === undefined) return true;
    if (status.phase === 'Failed' || status.phase === 'Succeeded') return false;
    const all = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])];
    const known = all.find(({ name }) => name === container.name);
    if (known?.containerID === undefined) return true;
    const id = idOf(known.containerID);
    if (id !== this.containerId) {
      this.containerId = id;
      this.result = INITIAL[kind];
      this.isOnHold = false;
    }
    if (this.isOnHold) return true;
    const pod = host.pod;
    const { running, terminated } = known.state ?? {};
    if (running === undefined) {
      this.result = false;
      return terminated === undefined || restartsAfter(container, pod.spec!, terminated.exitCode);
    }
    if (pod.metadata?.deletionTimestamp !== undefined && kind !== 'readiness') {
      this.set(true);
      return false;
    }
    const ranMs = host.clock.nowMs - Date.parse(running.startedAt as unknown as string);
    if (Math.floor(ranMs / 1000) < (probe.initialDelaySeconds ?? 0)) return true;
    if ((known.started === true) === (kind === 'startup')) return true;
    if (!this.isAsking) this.ask(id);
    return true;
  }

  private ask(id: string): void {
    this.isAsking = true;
    this.host.run(this.container, this.kind, this.probe, id, (isSuccess) => {
      this.isAsking = false;
      if (!this.isStopped && isSuccess !== undefined && id === this.containerId) this.found(isSuccess);
    });
  }

  private found(isSuccess: boolean): void {
    this.run = this.lastFound === isSuccess ? this.run + 1 : 1;
    this.lastFound = isSuccess;
    const threshold = isSuccess ? (this.probe.successThreshold ?? 1) : (this.probe.failureThreshold ?? 3);
    if (this.run < threshold) return;
    // Until there is a new container, there is nothing more to find out.
    if (this.kind === 'startup' || (this.kind === 'liveness' && !isSuccess)) {
      this.isOnHold = true;
      this.run = 0;
    }
    this.set(isSuccess);
  }

  private set(result: boolean): void {
    if (this.result === result) return;
    this.result = result;
    this.host.changed();
  }
}

const INITIAL: Readonly<Record<ProbeKind, boolean | undefined>> = {
  startup: undefined,
  liveness: true,
  readiness: false,
};
