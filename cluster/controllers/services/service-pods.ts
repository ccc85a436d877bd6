/** Which Services have to be looked at when a pod changes. Source: `endpointslice/util/controller_utils.go`, v0.37.2. */
import type { KubeObject, Pod } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { Informer } from '../informer.ts';
import { isTerminating, keyOf } from '../owners.ts';
import { isReady } from '../pod-state.ts';
import { isSelected } from '../selector-cache.ts';
import { PODS } from '../types.ts';
import { addressesOf, SERVICES, type Service } from './service.ts';

export class ServicePods {
  readonly services: Informer<Service>;
  private readonly pods: Informer<Pod & KubeObject>;

  constructor(context: ControllerContext, changed: (serviceKey: string) => void) {
    this.services = context.informer(SERVICES);
    this.pods = context.informer(PODS);
    this.pods.onChange((before, now) => {
      for (const key of this.touched(before, now)) changed(key);
    });
  }

  of({ metadata, spec }: Service): Pod[] {
    const pods: Pod[] = [];
    for (const pod of this.pods.inNamespace(metadata?.namespace ?? '')) {
      if (isSelected(spec?.selector, pod.metadata?.labels)) pods.push(pod);
    }
    return pods;
  }

  private touched(before: Pod | undefined, now: Pod | undefined): ReadonlySet<string> {
    if (before === undefined || now === undefined) return this.selecting((now ?? before)!);
    const isChanged = isChangedForEndpoints(before, now);
    const isRelabelled = before.metadata?.labels !== now.metadata?.labels && namesOf(before) !== namesOf(now);
    if (!isRelabelled) return isChanged ? this.selecting(now) : NONE;
    const [old, fresh] = [this.selecting(before), this.selecting(now)];
    if (isChanged) return new Set([...old, ...fresh]);
    return new Set([...[...fresh].filter((key) => !old.has(key)), ...[...old].filter((key) => !fresh.has(key))]);
  }

  private selecting({ metadata }: Pod): Set<string> {
    const keys = new Set<string>();
    for (const service of this.services.inNamespace(metadata?.namespace ?? '')) {
      if (isSelected(service.spec?.selector, metadata?.labels)) keys.add(keyOf(service));
    }
    return keys;
  }
}

const NONE: ReadonlySet<string> = new Set<string>();

const namesOf = ({ metadata, spec }: Pod): string =>
  JSON.stringify([Object.entries(metadata?.labels ?? {}).sort(), spec?.hostname, spec?.subdomain]);

/** Upstream does not look at the phase, and takes every change of a pod that ends. */
const isChangedForEndpoints = (before: Pod, now: Pod): boolean =>
  isTerminating(before) ||
  isTerminating(now) ||
  isReady(before) !== isReady(now) ||
  addressesOf(before).join() !== addressesOf(now).join();
