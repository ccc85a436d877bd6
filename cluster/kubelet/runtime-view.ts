/** What a kubelet last heard from the runtime about one pod. Source: `pkg/kubelet/container/{runtime,helpers}.go`, v1.37.2. */
import type { Container, PodSpec } from '../../api/index.ts';
import {
  ContainerState,
  type ContainerStatus,
  NamespaceMode,
  type PodSandboxStatus,
  SandboxState,
} from '../cri/index.ts';

export interface SandboxGroup {
  readonly sandbox: PodSandboxStatus;
  /** Oldest first. */
  readonly containers: readonly ContainerStatus[];
}

export interface SandboxNeed {
  readonly isNeeded: boolean;
  readonly attempt: number;
  readonly id: string | undefined;
  readonly why: string;
}

const NO_GROUPS: readonly SandboxGroup[] = [];

export class RuntimeView {
  /** Newest first. */
  groups: readonly SandboxGroup[] = NO_GROUPS;

  /** Puts the news of one sandbox in its place. */
  take(group: SandboxGroup): void {
    const { id } = group.sandbox;
    const [first] = this.groups;
    if (first === undefined || (first.sandbox.id === id && this.groups.length === 1)) this.groups = [group];
    else {
      const others = this.groups.filter(({ sandbox }) => sandbox.id !== id);
      this.groups = [...others, group].sort((a, b) => b.sandbox.createdAt - a.sandbox.createdAt);
    }
  }

  remove(sandboxId: string): void {
    this.groups = this.groups.filter(({ sandbox }) => sandbox.id !== sandboxId);
  }

  get isEmpty(): boolean {
    return this.groups.length === 0;
  }

  /** The newest container of the name, in whatever sandbox. */
  latest(name: string): ContainerStatus | undefined {
    for (const { containers } of this.groups) {
      const found = latestIn(containers, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The newest of the name in the newest sandbox. */
  active(name: string): ContainerStatus | undefined {
    const [group] = this.groups;
    return group && latestIn(group.containers, name);
  }

  /** The newest that has ended. */
  latestExited(name: string): ContainerStatus | undefined {
    for (const { containers } of this.groups) {
      for (let i = containers.length - 1; i >= 0; i--) {
        const each = containers[i]!;
        if (each.metadata.name === name && each.state === ContainerState.EXITED) return each;
      }
    }
    return undefined;
  }

  /** The two newest of the name. */
  latestTwo(name: string): [ContainerStatus | undefined, ContainerStatus | undefined] {
    let newest: ContainerStatus | undefined;
    for (const { containers } of this.groups) {
      for (let i = containers.length - 1; i >= 0; i--) {
        const each = containers[i]!;
        if (each.metadata.name !== name) continue;
        if (newest !== undefined) return [newest, each];
        newest = each;
      }
    }
    return [newest, undefined];
  }

  *all(): Generator<ContainerStatus> {
    for (const { containers } of this.groups) yield* containers;
  }

  running(): ContainerStatus[] {
    return [...this.all()].filter(({ state }) => state === ContainerState.RUNNING || state === ContainerState.UNKNOWN);
  }

  get hasRunning(): boolean {
    for (const { state } of this.all()) if (state === ContainerState.RUNNING) return true;
    return false;
  }

  get ip(): string {
    const [group] = this.groups;
    if (group?.sandbox.state !== SandboxState.READY) return '';
    return group.sandbox.network?.ip ?? '';
  }

  /** Whether the pod has to have a new sandbox, and why (`kuberuntime/util/util.go`, `PodSandboxChanged`). */
  sandboxNeed(spec: PodSpec): SandboxNeed {
    const [group] = this.groups;
    if (group === undefined) return FIRST_SANDBOX;
    const { sandbox } = group;
    const { attempt } = sandbox.metadata;
    const need = (why: string, id: string | undefined = sandbox.id): SandboxNeed => ({
      isNeeded: true,
      attempt: attempt + 1,
      id,
      why,
    });
    const ready = this.groups.filter(({ sandbox: { state } }) => state === SandboxState.READY).length;
    if (ready > 1) return need('multiple pod sandboxes are ready and need to be reconciled');
    if (sandbox.state !== SandboxState.READY) return need('pod sandbox is not ready');
    const wanted = spec.hostNetwork === true ? NamespaceMode.NODE : NamespaceMode.POD;
    const network = sandbox.linux?.namespaces?.options?.network ?? NamespaceMode.POD;
    if (network !== wanted) return need('network namespace mode changed and sandbox needs to be recreated', undefined);
    if (wanted === NamespaceMode.POD && sandbox.network?.ip === '') return need('pod sandbox has no IP address');
    return { isNeeded: false, attempt, id: sandbox.id, why: '' };
  }

  hasCreatedAny(containers: readonly Container[]): boolean {
    return containers.some(({ name }) => {
      const state = this.latest(name)?.state;
      return state !== undefined && state !== ContainerState.UNKNOWN;
    });
  }

  /** A main container has run in the newest sandbox. */
  hasStartedAny(containers: readonly Container[]): boolean {
    return containers.some(({ name }) => {
      const state = this.active(name)?.state;
      return state === ContainerState.RUNNING || state === ContainerState.EXITED;
    });
  }
}

const FIRST_SANDBOX: SandboxNeed = { isNeeded: true, attempt: 0, id: undefined, why: 'no pod sandbox exists' };

function latestIn(containers: readonly ContainerStatus[], name: string): ContainerStatus | undefined {
  for (let i = containers.length - 1; i >= 0; i--) if (containers[i]!.metadata.name === name) return containers[i];
  return undefined;
}
