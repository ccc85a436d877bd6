/** What happened, from etcd's own history: the events of all revisions in order, whoever wrote them. */
import type { Pod } from '../../api/index.ts';
import type { Lease } from '../../cluster/leader-election/index.ts';
import { EtcdStore, type StoreEvent } from '../../cluster/store/index.ts';

export interface Handover {
  readonly from: string;
  readonly to: string;
  /** From the last write of the one before to the first of the next. */
  readonly gapMs: number;
  readonly atMs: number;
  /** The one before gave its Lease back. */
  readonly isClean: boolean;
}

export class History {
  private readonly store: EtcdStore;
  /** By uid: where the pod was bound. */
  private readonly nodeOf = new Map<string, string>();
  private lease: { readonly holder: string; readonly lastMs: number; readonly isGivenBack: boolean } | undefined;
  podWrites = 0;
  bindings = 0;
  readonly handovers: Handover[] = [];
  /** Pods that were bound to a second node, or unbound. */
  readonly wrong: string[] = [];
  /** The watch itself failed: nothing can be said. */
  broken: string | undefined;

  /** Of one Lease, and of all pods, from the first revision on. */
  constructor(endpoints: readonly string[], leaseName: string) {
    this.store = new EtcdStore({ endpoints });
    this.follow({ key: '/registry/pods/', rangeEnd: '/registry/pods0' }, (event) => this.takePod(event));
    const key = `/registry/leases/kube-system/${leaseName}`;
    this.follow({ key }, (event) => this.takeLease(event));
  }

  get holder(): string {
    return this.lease?.holder ?? '';
  }

  isBound(uid: string): boolean {
    return this.nodeOf.has(uid);
  }

  close(): void {
    this.store.close(() => {});
  }

  private follow(range: { key: string; rangeEnd?: string }, take: (event: StoreEvent) => void): void {
    this.store.watch(
      { ...range, startRevision: 1 },
      {
        events: (events) => events.forEach(take),
        canceled: (error) => {
          if (error.code !== 'Closed') this.broken = error.message;
        },
      },
    );
  }

  private takePod({ type, kv }: StoreEvent): void {
    this.podWrites++;
    if (type === 'delete') return;
    const { metadata, spec } = kv.value.object as Pod;
    const uid = metadata?.uid ?? '';
    const before = this.nodeOf.get(uid) ?? '';
    const nodeName = spec?.nodeName ?? '';
    if (nodeName === before) return;
    if (before !== '') this.wrong.push(`${metadata?.name}: bound to ${before}, then to ${nodeName || 'nothing'}`);
    this.nodeOf.set(uid, nodeName);
    this.bindings++;
  }

  /** By the times that the holders wrote: here all have one clock, and a watch may be late. */
  private takeLease({ kv }: StoreEvent): void {
    const { holderIdentity: holder = '', renewTime, acquireTime } = (kv.value.object as Lease).spec ?? {};
    const before = this.lease;
    if (holder === '') {
      if (before !== undefined) this.lease = { ...before, lastMs: Date.parse(renewTime!), isGivenBack: true };
      return;
    }
    if (before !== undefined && before.holder !== holder) {
      const { holder: from, lastMs, isGivenBack: isClean } = before;
      const atMs = Date.parse(acquireTime!);
      this.handovers.push({ from, to: holder, gapMs: atMs - lastMs, atMs, isClean });
    }
    this.lease = { holder, lastMs: Date.parse(renewTime!), isGivenBack: false };
  }
}
