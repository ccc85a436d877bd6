/**
 * Counts what a quota is used up by. The API server enters what is new; what is freed again is counted here. Source:
 * `pkg/controller/resourcequota/{resource_quota_controller,resource_quota_monitor}.go` and `pkg/quota/v1`, v1.37.2.
 */
import {
  addQuantity,
  formatQuantity,
  type KubeObject,
  type Pod,
  parseQuantity,
  type Quantity,
} from '../../../api/index.ts';
import type { ResourceQuota } from '../../apiserver/admission/quota.ts';
import { isInScope, usageOf } from '../../apiserver/admission/quota-usage.ts';
import type { ControllerContext } from '../context.ts';
import type { Informer } from '../informer.ts';
import { keyOf, splitKey } from '../owners.ts';
import { isFinished } from '../pod-state.ts';
import { type ServedKind, targetOf } from '../served-kinds.ts';
import type { Service } from '../services/service.ts';
import { call, type Steps } from '../steps.ts';
import { WorkQueue } from '../work-queue.ts';
import { countedKind } from './counted-kinds.ts';

type Amounts = Readonly<Record<string, string>>;

const QUOTAS = { group: '', version: 'v1', resource: 'resourcequotas' };
/** What nobody told of (a pod that should have ended long ago) is counted anew that often. */
const RESYNC_MS = 5 * 60_000;

export class ResourceQuotaController {
  readonly queue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly quotas: Informer<ResourceQuota>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.quotas = context.informer(QUOTAS);
    this.queue = new WorkQueue({ clock: context.clock, sync: (key) => this.sync(key) });
    this.quotas.onChange((before, now) => {
      const isSame = before && now && amountsText(before.spec?.hard) === amountsText(now.spec?.hard);
      if (!isSame) this.queue.add(keyOf((now ?? before)!));
    });
    for (const kind of context.served.all('list', 'watch', 'delete')) {
      if (!kind.namespaced || kind.resource === 'events') continue;
      context.informer(targetOf(kind, '')).onChange((before, now) => this.changed(kind, before, now));
    }
  }

  /** Quotas that count the kind may have room again. */
  private changed(kind: ServedKind, before: KubeObject | undefined, now: KubeObject | undefined): void {
    if (before === undefined) return;
    for (const quota of this.quotas.inNamespace(before.metadata?.namespace ?? '')) {
      if (now !== undefined && !this.isFreed(before, now)) return;
      const usage = usageOf(kind, before);
      if (Object.keys(quota.spec?.hard ?? {}).some((name) => usage[name] !== undefined)) this.queue.add(keyOf(quota));
    }
  }

  private isFreed(before: KubeObject, now: KubeObject): boolean {
    switch (now.kind) {
      case 'Pod':
        return (
          (this.isCounted(before) && !this.isCounted(now)) ||
          hasDeadline(before as Pod) !== hasDeadline(now as Pod) ||
          resourcesText(before as Pod) !== resourcesText(now as Pod)
        );
      case 'Service':
        return (before as Service).spec?.type !== (now as Service).spec?.type;
      case 'PersistentVolumeClaim':
        return JSON.stringify(usageOf(CLAIMS, before)) !== JSON.stringify(usageOf(CLAIMS, now));
      default:
        return false;
    }
  }

  /** A pod that has ended, or should have, needs nothing any more. */
  private isCounted(object: KubeObject): boolean {
    if (object.kind !== 'Pod') return true;
    const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata ?? {};
    if (isFinished(object as Pod)) return false;
    if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true;
    const overMs = Date.parse(deletionTimestamp as string) + deletionGracePeriodSeconds * 1000;
    return this.context.clock.nowMs <= overMs;
  }

  private *sync(key: string): Steps {
    const [namespace, name] = splitKey(key);
    const quota = this.quotas.get(namespace, name);
    if (quota === undefined) return;
    const hard = quota.spec?.hard ?? {};
    const used = this.used(quota, namespace);
    const { status } = quota;
    this.queue.addAfter(key, RESYNC_MS);
    if (amountsText(status?.hard) === amountsText(hard) && amountsText(status?.used) === amountsText(used)) return;
    const target = { ...QUOTAS, namespace, name, subresource: 'status' };
    const next = { ...quota, status: { hard, used } };
    yield* call((answer) => this.context.client.update(target, next, {}, answer));
  }

  private used(quota: ResourceQuota, namespace: string): Amounts {
    const sums = new Map<string, Quantity>();
    const kinds = new Map<ServedKind, Set<string>>();
    for (const name of Object.keys(quota.spec?.hard ?? {}).sort()) {
      const kind = countedKind(name, this.context.served);
      if (kind === undefined) continue;
      sums.set(name, parseQuantity('0'));
      kinds.set(kind, (kinds.get(kind) ?? new Set<string>()).add(name));
    }
    for (const [kind, names] of kinds) {
      for (const object of this.context.informer(targetOf(kind, '')).inNamespace(namespace)) {
        if (!isInScope(quota, object)) continue;
        const usage = this.isCounted(object) ? usageOf(kind, object) : ENDED_POD;
        for (const name of names) {
          const amount = usage[name];
          if (amount !== undefined) sums.set(name, addQuantity(sums.get(name)!, parseQuantity(amount)));
        }
      }
    }
    return Object.fromEntries([...sums].map(([name, sum]) => [name, formatQuantity(sum)]));
  }
}

const CLAIMS = { group: '', resource: 'persistentvolumeclaims' };
/** It is there still, and that is all. */
const ENDED_POD: Amounts = { 'count/pods': '1' };

const hasDeadline = ({ spec }: Pod): boolean => spec?.activeDeadlineSeconds !== undefined;

/** Resources of the containers as the kubelet has them. */
function resourcesText({ status }: Pod): string {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return JSON.stringify(all.map((container) => (container as { resources?: unknown }).resources));
}

const amountsText = (amounts: Amounts | undefined): string =>
  amounts === undefined
    ? ''
    : Object.keys(amounts)
        .sort()
        .map((name) => `${name}=${formatQuantity(parseQuantity(amounts[name]!))}`)
        .join();
