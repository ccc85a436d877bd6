/**
 * A controller of resource claims: it makes claims from templates for pods, frees devices when the last pod that used a
 * claim has ended, and takes away what was made for a pod together with it. It acts as soon as it hears of a change.
 * Source: `pkg/controller/resourceclaim/controller.go`, v1.37.2.
 */
import type { KubeObject, Pod, ResourceClaim, ResourceClaimTemplate } from '../../api/index.ts';
import type { WatchEvent } from '../../scheduler/timed/api.ts';
import { type ApiModel, keyOf, keyOfObject } from './api-model.ts';

const PROTECTION = 'resource.kubernetes.io/delete-protection';
const POD_CLAIM_NAME = 'resource.kubernetes.io/pod-claim-name';

export class Claims {
  private readonly api: ApiModel;
  /** Template → pods that wait for it. */
  private readonly waiting = new Map<string, Set<string>>();
  /** By UID: the claims that a pod owns or uses. */
  private readonly ofPod = new Map<string, Set<string>>();

  constructor(api: ApiModel) {
    this.api = api;
  }

  handle({ type, object }: WatchEvent): void {
    switch (object.kind) {
      case 'Pod':
        if (type === 'deleted' || hasEnded(object as Pod)) this.podEnded(object as Pod);
        else this.makeClaims(object as Pod);
        break;
      case 'ResourceClaim':
        if (type !== 'deleted') this.note(object as ResourceClaim);
        break;
      case 'ResourceClaimTemplate':
        this.templateCame(keyOfObject(object));
        break;
    }
  }

  // --- making ----------------------------------------------------------------------------------------------------------

  private makeClaims(pod: Pod): void {
    const key = keyOfObject({ ...pod, kind: 'Pod' });
    const { resourceClaims = [], nodeName } = pod.spec ?? {};
    if (resourceClaims.length === 0 || nodeName) return;
    const known = pod.status?.resourceClaimStatuses ?? [];
    const statuses = [...known];
    for (const { name, resourceClaimTemplateName } of resourceClaims) {
      if (resourceClaimTemplateName === undefined || known.some((status) => status.name === name)) continue;
      const templateKey = keyOf('ResourceClaimTemplate', pod.metadata?.namespace, resourceClaimTemplateName);
      const template = this.api.get('ResourceClaimTemplate', templateKey) as ResourceClaimTemplate | undefined;
      if (template === undefined) {
        this.waiting.set(templateKey, (this.waiting.get(templateKey) ?? new Set()).add(key));
        continue;
      }
      const claim = claimFrom(template, pod, name, this.api.names.nameFrom(`${pod.metadata?.name ?? ''}-${name}-`));
      this.api.create(claim);
      statuses.push({ name, resourceClaimName: claim.metadata?.name });
    }
    const stored = this.api.get('Pod', key) as Pod | undefined;
    if (stored === undefined || statuses.length === known.length) return;
    this.api.replace({ ...stored, status: { ...stored.status, resourceClaimStatuses: statuses } } as Pod);
  }

  private templateCame(key: string): void {
    const pods = this.waiting.get(key);
    if (pods === undefined) return;
    this.waiting.delete(key);
    for (const podKey of pods) {
      const pod = this.api.get('Pod', podKey) as Pod | undefined;
      if (pod !== undefined && !hasEnded(pod)) this.makeClaims(pod);
    }
  }

  // --- freeing ---------------------------------------------------------------------------------------------------------

  private note(claim: ResourceClaim): void {
    const key = keyOfObject(claim);
    const users = (claim.status?.reservedFor ?? []).map(({ uid }) => uid);
    const owner = ownerOf(claim);
    for (const uid of owner === undefined ? users : [...users, owner]) {
      this.ofPod.set(uid, (this.ofPod.get(uid) ?? new Set()).add(key));
    }
  }

  private podEnded(pod: Pod): void {
    const uid = pod.metadata?.uid ?? '';
    const keys = this.ofPod.get(uid);
    if (keys === undefined) return;
    this.ofPod.delete(uid);
    for (const key of keys) {
      const claim = this.api.get('ResourceClaim', key) as ResourceClaim | undefined;
      if (claim === undefined) continue;
      const freed = withoutUser(claim, uid);
      if (freed !== claim) this.api.replace(freed);
      if (ownerOf(claim) === uid) this.api.remove('ResourceClaim', key);
    }
  }
}

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

const ownerOf = ({ metadata }: KubeObject): string | undefined =>
  metadata?.ownerReferences?.find(({ kind, controller }) => kind === 'Pod' && controller === true)?.uid;

function claimFrom({ spec }: ResourceClaimTemplate, pod: Pod, podClaimName: string, name: string): ResourceClaim {
  const { namespace = 'default', name: podName = '', uid = '' } = pod.metadata ?? {};
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      namespace,
      name,
      labels: spec?.metadata?.labels,
      annotations: { ...spec?.metadata?.annotations, [POD_CLAIM_NAME]: podClaimName },
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Pod', name: podName, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: spec?.spec ?? {},
  };
}

/** The devices are free with the last user. The claim itself when the pod does not use it. */
function withoutUser(claim: ResourceClaim, podUid: string): ResourceClaim {
  const { reservedFor = [], ...rest } = claim.status ?? {};
  const left = reservedFor.filter(({ uid }) => uid !== podUid);
  if (left.length === reservedFor.length) return claim;
  if (left.length > 0) return { ...claim, status: { ...rest, reservedFor: left } };
  const { allocation: _allocation, devices: _devices, ...unallocated } = rest;
  const finalizers = (claim.metadata?.finalizers ?? []).filter((finalizer) => finalizer !== PROTECTION);
  return { ...claim, metadata: { ...claim.metadata, finalizers }, status: unallocated };
}
