/**
 * Writes the status of one pod, the newest only, and deletes the pod when there is nothing of it left. Source:
 * `pkg/kubelet/status/status_manager.go` (`syncPod`, `canBeDeleted`), v1.37.2.
 */
import type { KubeObject, Pod } from '../../api/index.ts';
import { isSame } from '../../api/validation/same.ts';
import { Lane } from '../../scheduler/clock.ts';
import type { Target } from '../apiserver/client.ts';
import type { Status } from '../apiserver/status.ts';
import type { NodeServices } from './node-services.ts';
import { isTerminalPhase, type KubeletPodStatus, mergedStatus } from './pod-status.ts';

export interface StatusSource {
  readonly status: KubeletPodStatus | undefined;
  /** Containers may still be running. */
  readonly mayRun: boolean;
  /** Nothing more will be said of the pod. */
  readonly isFinished: boolean;
  /** It is no longer in the API. */
  readonly isGone: boolean;
  /** A write has told of a newer state of the pod than the watch has. */
  learned(): void;
}

const RETRY_MS = 10_000;
const CONFLICT = 409;
const NOT_FOUND = 404;
const AT_ONCE = { gracePeriodSeconds: 0 };

export class StatusWriter {
  /** The newest state of the pod that is known, from the watch or from a write. */
  pod: Pod;
  private readonly node: NodeServices;
  private readonly source: StatusSource;
  private isPlanned = false;
  private isWriting = false;
  private isDirty = false;
  private isDeleting = false;

  constructor(node: NodeServices, source: StatusSource, pod: Pod) {
    this.node = node;
    this.source = source;
    this.pod = pod;
  }

  /** What came by the watch; true when it is news. */
  heard(pod: Pod): boolean {
    if (versionOf(pod) <= versionOf(this.pod)) return false;
    this.pod = pod;
    return true;
  }

  /** There may be something to write: once the running moment is over, so that only the last state of it is. */
  push(): void {
    if (this.isWriting || this.isPlanned) {
      this.isDirty = true;
      return;
    }
    this.isPlanned = true;
    this.node.clock.soon(() => {
      this.isPlanned = false;
      this.node.whenAwake(() => this.write());
    });
  }

  private write(): void {
    const { source, pod } = this;
    this.isDirty = false;
    if (source.isGone || source.status === undefined || this.isDeleting) return;
    const there = pod.status ?? {};
    const merged = mergedStatus(there, source.status, source.mayRun);
    if (isSame(merged, there)) {
      this.deleteWhenDone();
      return;
    }
    this.isWriting = true;
    const changed = { ...pod, status: merged } as KubeObject;
    this.node.client.update(this.target('status'), changed, {}, (error, written) =>
      this.node.whenAwake(() => {
        this.isWriting = false;
        if (error !== undefined) this.refused(error);
        else {
          if (this.heard(written as Pod)) this.source.learned();
          if (this.isDirty) this.push();
          else this.deleteWhenDone();
        }
      }),
    );
  }

  private refused({ code }: Status): void {
    if (code === NOT_FOUND) return;
    if (code === CONFLICT) this.readAgain();
    else this.later();
  }

  /** Somebody else wrote meanwhile. */
  private readAgain(): void {
    this.isWriting = true;
    this.node.client.get(this.target(), (error, found) =>
      this.node.whenAwake(() => {
        this.isWriting = false;
        if (error !== undefined) {
          if (error.code !== NOT_FOUND) this.later();
          return;
        }
        // Another pod by that name is none of ours.
        if (found.metadata?.uid !== this.pod.metadata?.uid) return;
        this.pod = found as Pod;
        this.source.learned();
        this.write();
      }),
    );
  }

  private later(): void {
    const { clock } = this.node;
    clock.at(clock.nowMs + RETRY_MS, () => this.push(), Lane.Component);
  }

  private deleteWhenDone(): void {
    const { pod, source } = this;
    const { deletionTimestamp, uid } = pod.metadata ?? {};
    if (deletionTimestamp === undefined || !source.isFinished || !isTerminalPhase(pod.status?.phase)) return;
    if (source.isGone || this.isDeleting) return;
    this.isDeleting = true;
    const options = uid === undefined ? AT_ONCE : { ...AT_ONCE, preconditions: { uid } };
    this.node.client.delete(this.target(), options, (error) =>
      this.node.whenAwake(() => {
        if (error === undefined || error.code === NOT_FOUND || error.code === CONFLICT) return;
        this.isDeleting = false;
        this.later();
      }),
    );
  }

  private target(subresource?: string): Target {
    const { namespace, name } = this.pod.metadata ?? {};
    return { group: '', version: 'v1', resource: 'pods', namespace, name, subresource };
  }
}

const versionOf = ({ metadata }: Pod): number => Number(metadata?.resourceVersion ?? 0);
