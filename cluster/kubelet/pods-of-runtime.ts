/** Everything that a runtime has, by pod: what a kubelet asks when it begins, and again and again where nobody tells it. */
import type { Container, ContainerStatus, CriRuntime, PodSandbox, PodSandboxStatus } from '../cri/index.ts';
import type { SandboxGroup } from './runtime-view.ts';
import { POD_UID } from './sandbox-config.ts';

export interface ListedPod {
  readonly uid: string;
  readonly sandboxes: readonly PodSandbox[];
  readonly containers: readonly Container[];
  /** Changes when a state of something in it does. */
  readonly fingerprint: string;
}

/** Undefined when the runtime does not answer. */
export function listPods(runtime: CriRuntime, done: (pods: Map<string, ListedPod> | undefined) => void): void {
  runtime.listPodSandbox({}, (error, sandboxes) => {
    if (error !== undefined) done(undefined);
    else {
      runtime.listContainers({}, (failure, containers) =>
        done(failure === undefined ? byPod(sandboxes, containers) : undefined),
      );
    }
  });
}

function byPod(sandboxes: readonly PodSandbox[], containers: readonly Container[]): Map<string, ListedPod> {
  const pods = new Map<string, { uid: string; sandboxes: PodSandbox[]; containers: Container[] }>();
  const owners = new Map<string, string>();
  for (const sandbox of sandboxes) {
    const { uid } = sandbox.metadata;
    owners.set(sandbox.id, uid);
    const pod = pods.get(uid) ?? { uid, sandboxes: [], containers: [] };
    pod.sandboxes.push(sandbox);
    pods.set(uid, pod);
  }
  for (const container of containers) {
    const uid = owners.get(container.podSandboxId) ?? container.labels?.[POD_UID];
    pods.get(uid ?? '')?.containers.push(container);
  }
  return new Map([...pods].map(([uid, pod]) => [uid, { ...pod, fingerprint: fingerprintOf(pod) }]));
}

const fingerprintOf = ({ sandboxes, containers }: Omit<ListedPod, 'fingerprint'>): string =>
  [...sandboxes, ...containers].map(({ id, state }) => `${id}${state}`).join();

/** The statuses of a listed pod, newest sandbox first; undefined when one of them cannot be had. */
export function readPod(
  runtime: CriRuntime,
  { sandboxes, containers }: ListedPod,
  done: (groups: SandboxGroup[] | undefined) => void,
): void {
  const statuses = new Map<string, PodSandboxStatus>();
  const details: ContainerStatus[] = [];
  let left = sandboxes.length + containers.length;
  if (left === 0) {
    done([]);
    return;
  }
  let hasFailed = false;
  const one = (): void => {
    if (--left > 0) return;
    if (hasFailed) done(undefined);
    else done(groupsOf(statuses, details, containers));
  };
  for (const { id } of sandboxes) {
    runtime.podSandboxStatus(id, (error, status) => {
      if (error === undefined) statuses.set(id, status);
      else hasFailed = true;
      one();
    });
  }
  for (const { id } of containers) {
    runtime.containerStatus(id, (error, status) => {
      if (error === undefined) details.push(status);
      else hasFailed = true;
      one();
    });
  }
}

function groupsOf(
  statuses: ReadonlyMap<string, PodSandboxStatus>,
  details: readonly ContainerStatus[],
  containers: readonly Container[],
): SandboxGroup[] {
  const sandboxOf = new Map(containers.map(({ id, podSandboxId }) => [id, podSandboxId]));
  return [...statuses.values()]
    .sort((a, b) => b.createdAt - a.createdAt)
    .map((sandbox) => ({
      sandbox,
      containers: details
        .filter(({ id }) => sandboxOf.get(id) === sandbox.id)
        .sort((a, b) => a.createdAt - b.createdAt),
    }));
}
