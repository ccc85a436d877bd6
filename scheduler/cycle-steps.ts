/**
 * The steps after a node is chosen, as far as they answer at once. Source: `schedulingCycle` and `bindingCycle` in
 * `pkg/scheduler/schedule_one.go`, and `pkg/scheduler/framework/runtime/framework.go`, v1.37.2.
 */
import type { Cluster } from './cluster.ts';
import type { Cycle } from './cycle.ts';
import { fitErrorMessage } from './fit-error.ts';
import type { Framework } from './framework.ts';
import type { Code, PodInfo, Status } from './plugin.ts';

export const NO_NODES = 'no nodes available to schedule pods';

/** Why a pod stays without a node. */
export interface Failure {
  readonly code: Code;
  readonly message: string;
  /** Plugins whose events may cure it; none for an error. */
  readonly rejectors: readonly string[];
  readonly pendingPlugins: readonly string[];
  /** A decision on the nomination; undefined keeps it. */
  readonly nominatedNodeName: string | undefined;
}

export const isRejection = ({ code }: { readonly code: Code }): boolean =>
  code === 'Unschedulable' || code === 'UnschedulableAndUnresolvable' || code === 'Pending';

export const errorFailure = (message: string): Failure => ({
  code: 'Error',
  message,
  rejectors: [],
  pendingPlugins: [],
  nominatedNodeName: '',
});

/** The plugin turned the pod away from the one node that was chosen. */
export function rejectionFailure({ code, reasons }: Status, plugin: string): Failure {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return {
    code,
    message: fitErrorMessage(1, undefined, counts, ''),
    rejectors: code === 'Pending' ? [] : [plugin],
    pendingPlugins: code === 'Pending' ? [plugin] : [],
    nominatedNodeName: '',
  };
}

/** What a plugin's answer at a step means; undefined when it lets the pod pass. */
export function failureOf(step: string, plugin: string, status: Status | undefined): Failure | undefined {
  if (status === undefined || status.code === 'Success') return undefined;
  if (isRejection(status)) return rejectionFailure(status, plugin);
  return errorFailure(`running ${step} plugin "${plugin}": ${status.reasons.join(', ')}`);
}

/** Which plugins' events may cure what the cycle found. */
export function rejectorsOf(cycle: Cycle): Pick<Failure, 'rejectors' | 'pendingPlugins'> {
  const pending = new Set<string>();
  for (const { status } of cycle.rejectionCounts()) {
    if (status.code === 'Pending') pending.add(status.plugin!);
  }
  const all = cycle.unschedulablePlugins();
  if (pending.size === 0) return { rejectors: all, pendingPlugins: [] };
  return { rejectors: all.filter((plugin) => !pending.has(plugin)), pendingPlugins: [...pending].sort() };
}

/** Nothing is taken back here: see `unreserve`. */
export function reserve(framework: Framework, pod: PodInfo, row: number, cluster: Cluster): Failure | undefined {
  for (const { name, plugin } of framework.reserve) {
    const failure = failureOf('Reserve', name, plugin.reserve?.(pod, row, cluster));
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** All plugins, in reverse order, whether or not they had their turn. */
export function unreserve(framework: Framework, pod: PodInfo, row: number, cluster: Cluster): void {
  for (const { plugin } of [...framework.reserve].reverse()) plugin.unreserve?.(pod, row, cluster);
}

export interface PermitOutcome {
  readonly failure?: Failure;
  /** Plugin → how long it makes the pod wait at most. */
  readonly waits: ReadonlyMap<string, number>;
}

const MAX_PERMIT_WAIT_MS = 15 * 60_000;

export function permit(framework: Framework, pod: PodInfo, row: number, cluster: Cluster): PermitOutcome {
  const waits = new Map<string, number>();
  for (const { name, plugin } of framework.permit) {
    const result = plugin.permit?.(pod, row, cluster);
    if (result?.status.code === 'Wait') {
      waits.set(name, Math.min(result.timeoutMs ?? 0, MAX_PERMIT_WAIT_MS));
      continue;
    }
    const failure = failureOf('Permit', name, result?.status);
    if (failure !== undefined) return { failure, waits };
  }
  return { waits };
}

export const permitTimeout = (plugin: string, timeoutMs: number): Status => ({
  code: 'Unschedulable',
  reasons: [`rejected due to timeout after waiting ${goDuration(timeoutMs)} at plugin ${plugin}`],
});

/** A duration as Go prints it: `1m30s`, `500ms`, `5m0s`. */
export function goDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = (ms % 60_000) / 1000;
  const head = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : '';
  return `${head}${seconds}s`;
}

/** The Bind plugin that takes the pod, or why none does. */
export function chooseBinder(
  framework: Framework,
  pod: PodInfo,
  row: number,
  cluster: Cluster,
): { readonly binder: string } | { readonly failure: Failure } {
  for (const { name, plugin } of framework.bind) {
    const status = plugin.bind?.(pod, row, cluster);
    if (status?.code === 'Skip') continue;
    const failure = failureOf('Bind', name, status);
    return failure === undefined ? { binder: name } : { failure };
  }
  return { failure: errorFailure(`no Bind plugin of profile "${framework.name}" bound the pod`) };
}
