/**
 * How the placing of a group goes. Several groups of one tree can share a status, and what is appended to it later then shows
 * for all of them, as upstream's do. Source: `staging/src/k8s.io/kube-scheduler/framework/interface.go`, v1.37.2.
 */
import { type Failure, isRejection } from '../cycle-steps.ts';
import type { Code, Status } from '../plugin.ts';

export const UNSCHEDULABLE = 'pod group is unschedulable';

export class GroupStatus {
  readonly code: Code;
  /** Goes before all reasons. */
  private readonly error: string;
  private readonly reasons: string[];

  constructor(code: Code, reasons: readonly string[] = [], error = '') {
    this.code = code;
    this.reasons = [...reasons];
    this.error = error;
  }

  static of(status: Status | undefined): GroupStatus {
    return new GroupStatus(status?.code ?? 'Success', status?.reasons);
  }

  static unschedulable(reasons: readonly string[] = []): GroupStatus {
    return new GroupStatus('Unschedulable', reasons, UNSCHEDULABLE);
  }

  static failed(error: string): GroupStatus {
    return new GroupStatus('Error', [], error);
  }

  get isSuccess(): boolean {
    return this.code === 'Success';
  }

  get isError(): boolean {
    return this.code === 'Error';
  }

  get isRejected(): boolean {
    return isRejection(this);
  }

  get message(): string {
    return (this.error === '' ? this.reasons : [this.error, ...this.reasons]).join(', ');
  }

  /** The error alone where there is one. */
  get errorText(): string {
    return this.error === '' ? this.reasons.join(', ') : this.error;
  }

  append(reason: string): void {
    this.reasons.push(reason);
  }

  /** What it means for a pod. No plugin is to blame, so time alone brings the pod back. */
  toFailure(nominatedNodeName: string | undefined): Failure {
    return { code: this.code, message: this.message, rejectors: [], pendingPlugins: [], nominatedNodeName };
  }
}
