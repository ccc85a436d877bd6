/**
 * One workload while it runs: operations one after another, each driving the clock until it is done; churn, rates and
 * collections go on in the background. Source: `WorkloadExecutor` in `test/integration/scheduler_perf/executor.go`, v1.37.2.
 */
import { setImmediate } from 'node:timers/promises';
import { Lane } from '../../cluster/clock.ts';
import type { ApiError } from '../../scheduler/timed/api.ts';
import { collectGarbage } from './collect-garbage.ts';
import { type Collected, Collector } from './collector.ts';
import { NameMaker } from './names.ts';
import type { ObjectTemplates } from './objects.ts';
import type { PerfCluster } from './perf-cluster.ts';
import type { ResolvedWorkload } from './schema/test-case.ts';

/** The event loop gets a chance this often. */
const SLICE_MS = 50;
const POLL_MS = 1000;
export const WORKLOAD_TIMEOUT_MS = 30 * 60_000;
export const WAIT_TIMEOUT_MS = 10 * 60_000;

export interface WorkloadRunOptions {
  readonly resolved: ResolvedWorkload;
  readonly cluster: PerfCluster;
  readonly templates: ObjectTemplates;
  /** How long pods of one operation may take to be scheduled. */
  readonly podsTimeoutMs: number;
  /** Folder for profiles. */
  readonly outDir: string;
}

/** The workload cannot be run to its end; the message is for people. */
export class WorkloadError extends Error {
  override readonly name = 'WorkloadError';
}

export class WorkloadRun {
  readonly options: WorkloadRunOptions;
  readonly cluster: PerfCluster;
  readonly templates: ObjectTemplates;
  readonly names = new NameMaker();
  /** Registered namespaces, and how many pods were created there that nobody has waited for. */
  readonly awaited = new Map<string, number>();
  readonly collected: Collected[] = [];
  nodesCreated = 0;
  private readonly endMs: number;

  constructor(options: WorkloadRunOptions) {
    this.options = options;
    this.cluster = options.cluster;
    this.templates = options.templates;
    this.endMs = this.cluster.clock.nowMs + WORKLOAD_TIMEOUT_MS;
  }

  // --- time ------------------------------------------------------------------------------------------------------------

  /** Lets time pass until it is done, which is asked after every task and must cost little. */
  async drive(isDone: () => boolean): Promise<void> {
    const { clock } = this.cluster;
    while (!clock.run(isDone, SLICE_MS)) {
      await setImmediate();
      if (clock.nowMs > this.endMs) throw new WorkloadError('timed out after the 30m0s per-test timeout');
    }
  }

  async sleep(durationMs: number): Promise<void> {
    const { clock } = this.cluster;
    let isOver = false;
    clock.at(clock.nowMs + durationMs, () => {
      isOver = true;
    });
    await this.drive(() => isOver);
  }

  /** Does something as a client of the API, with all that follows at once. */
  async act(task: () => void): Promise<void> {
    const { clock } = this.cluster;
    let isOver = false;
    clock.at(
      clock.nowMs,
      () => {
        task();
        isOver = true;
      },
      Lane.Input,
    );
    await this.drive(() => isOver);
  }

  /** Looks once a second whether it is done, as upstream does. `late` words what is missing after the timeout. */
  async poll(isDone: () => boolean, timeoutMs: number, late: () => string): Promise<void> {
    const endMs = this.cluster.clock.nowMs + timeoutMs;
    while (!isDone()) {
      if (this.cluster.clock.nowMs >= endMs) throw new WorkloadError(`${late()}: context deadline exceeded`);
      await this.sleep(POLL_MS);
    }
  }

  // --- what operations share -------------------------------------------------------------------------------------------

  /** Makes the namespace unless it is registered. */
  async ensureNamespace(name: string): Promise<void> {
    if (this.awaited.has(name)) return;
    let error: ApiError | undefined;
    await this.act(() => {
      error = this.cluster.api.create(namespaceObject(name));
    });
    if (error !== undefined) throw new WorkloadError(`failed to create namespace for Pod: ${name}`);
    this.awaited.set(name, 0);
  }

  startCollecting(
    name: string,
    namespaces: readonly string[],
    labelSelector: Readonly<Record<string, string>> = {},
  ): void {
    const { cluster } = this;
    if (cluster.collector !== undefined) {
      throw new WorkloadError(
        'metrics collection is overlapping. Probably second collector was started before stopping a previous one',
      );
    }
    collectGarbage();
    const { clock, counts } = cluster;
    cluster.collector = new Collector({ name, namespaces, labelSelector, clock, counts });
  }

  stopCollecting(): void {
    const { cluster } = this;
    if (cluster.collector === undefined) {
      throw new WorkloadError('missing startCollectingMetrics operation before stopping');
    }
    this.collected.push(cluster.collector.stop());
    cluster.collector = undefined;
  }
}

export const namespaceObject = (name: string, given: object = {}) => {
  const metadata = (given as { metadata?: { labels?: Record<string, string> } }).metadata ?? {};
  return {
    ...given,
    apiVersion: 'v1',
    kind: 'Namespace',
    // The server adds the label.
    metadata: { ...metadata, name, labels: { ...metadata.labels, 'kubernetes.io/metadata.name': name } },
  };
};
