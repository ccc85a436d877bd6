/**
 * PreBind of VolumeBinding: sends the pod's volumes and claims to the API, then looks once a second whether they are bound.
 * Source: `BindPodVolumes`, `bindAPIUpdate` and `checkBindings` in `plugins/volumebinding/binder.go`, v1.37.2.
 */
import { goQuote, type KubeObject, type PersistentVolume, type PersistentVolumeClaim } from '../../api/index.ts';
import type { ClusterView, PodInfo, PreBindContext } from '../../scheduler/plugin.ts';
import { boundVolumeAffinity } from './volume-affinity.ts';
import { type PodVolumes, SELECTED_NODE } from './volume-assumptions.ts';
import { claimKey, isFullyBound, notFoundMessage } from './volume-claims.ts';

const POLL_MS = 1000;

interface Sent {
  readonly volumes: Array<{ readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }>;
  readonly claims: PersistentVolumeClaim[];
}

export interface VolumePreBind {
  readonly pod: PodInfo;
  readonly cluster: ClusterView;
  readonly volumes: PodVolumes;
  readonly timeoutMs: number;
  readonly context: PreBindContext;
  /** Takes back what was assumed but not sent. */
  readonly revert: (unsent: PodVolumes) => void;
  readonly onBound: () => void;
}

/** Returns how to stop it. */
export function startVolumePreBind(work: VolumePreBind): () => void {
  const { volumes, context, timeoutMs, revert } = work;
  const { bindings, provisions } = volumes;
  const sent: Sent = { volumes: [], claims: [] };
  const startedMs = context.nowMs;
  let cancelPoll: () => void = () => {};
  let isStopped = false;

  const fail = (message: string): void => context.finish({ code: 'Error', reasons: [message] });
  const poll = (tick: number): void => {
    cancelPoll = context.after(startedMs + tick * POLL_MS - context.nowMs, () => {
      if (context.nowMs - startedMs >= timeoutMs) return fail('binding volumes: context deadline exceeded');
      const state = checkBindings(work, sent);
      if (state === 'bound') {
        work.onBound();
        context.finish();
      } else if (state === 'waiting') poll(tick + 1);
      else fail(`binding volumes: ${state.error}`);
    });
  };
  const send = (index: number): void => {
    const binding = bindings[index];
    const object: KubeObject | undefined = binding?.volume ?? provisions[index - bindings.length];
    if (object === undefined) {
      poll(1);
      return;
    }
    context.update(object, (stored, error) => {
      if (isStopped) return;
      if (stored === undefined) {
        revert({ bindings: bindings.slice(index), provisions: provisions.slice(Math.max(0, index - bindings.length)) });
        return fail(error ?? '');
      }
      if (binding !== undefined) sent.volumes.push({ claim: binding.claim, volume: stored as PersistentVolume });
      else sent.claims.push(stored as PersistentVolumeClaim);
      send(index + 1);
    });
  };
  send(0);
  return () => {
    isStopped = true;
    cancelPoll();
  };
}

type BindingState = 'bound' | 'waiting' | { readonly error: string };

function checkBindings({ pod, cluster, context }: VolumePreBind, sent: Sent): BindingState {
  const nodeName = pod.pod.spec?.nodeName ?? '';
  const row = cluster.rowOf(nodeName);
  if (row < 0) return { error: `failed to get node ${goQuote(nodeName)}: ${notFoundMessage('node', nodeName)}` };
  if (!context.podExists()) return { error: `pod does not exist any more: ${notFoundMessage('pod', pod.name)}` };
  for (const { claim, volume } of sent.volumes) {
    const state = checkVolume(claim, volume, row, cluster);
    if (state !== 'bound') return state;
  }
  for (const claim of sent.claims) {
    const state = checkProvision(claim, nodeName, row, cluster);
    if (state !== 'bound') return state;
  }
  return 'bound';
}

function checkVolume(
  sentClaim: PersistentVolumeClaim,
  sentVolume: PersistentVolume,
  row: number,
  cluster: ClusterView,
): BindingState {
  const { persistentVolumes, persistentVolumeClaims } = cluster.objects;
  const name = sentVolume.metadata?.name ?? '';
  const volume = persistentVolumes.get(name);
  if (volume === undefined) return { error: `failed to check binding: ${notFoundMessage('persistentvolumes', name)}` };
  const claim = persistentVolumeClaims.get(claimKey(sentClaim));
  if (claim === undefined) {
    return { error: `failed to check binding: ${notFoundMessage('persistentvolumeclaims', claimKey(sentClaim))}` };
  }
  if (isNewer(sentVolume, volume)) return 'waiting';
  const misplaced = whyMisplaced(volume, row, cluster);
  if (misplaced !== undefined) return { error: misplaced };
  if (!volume.spec?.claimRef?.uid) return { error: `ClaimRef got reset for pv ${goQuote(name)}` };
  return isFullyBound(claim) ? 'bound' : 'waiting';
}

function checkProvision(
  sent: PersistentVolumeClaim,
  nodeName: string,
  row: number,
  cluster: ClusterView,
): BindingState {
  const { persistentVolumes, persistentVolumeClaims } = cluster.objects;
  const claim = persistentVolumeClaims.get(claimKey(sent));
  if (claim === undefined) {
    return { error: `failed to check provisioning pvc: ${notFoundMessage('persistentvolumeclaims', claimKey(sent))}` };
  }
  if (isNewer(sent, claim)) return 'waiting';
  const name = goQuote(claim.metadata?.name ?? '');
  const { annotations } = claim.metadata ?? {};
  if (annotations === undefined || annotations === null)
    return { error: `selectedNode annotation reset for PVC ${name}` };
  if ((annotations[SELECTED_NODE] ?? '') !== nodeName) return { error: `provisioning failed for PVC ${name}` };
  const { volumeName } = claim.spec ?? {};
  if (volumeName) {
    const volume = persistentVolumes.get(volumeName);
    if (volume === undefined) return 'waiting';
    const misplaced = whyMisplaced(volume, row, cluster);
    if (misplaced !== undefined) return { error: misplaced };
  }
  return isFullyBound(claim) ? 'bound' : 'waiting';
}

function whyMisplaced(volume: PersistentVolume, row: number, cluster: ClusterView): string | undefined {
  const node = cluster.node(row);
  const nodeName = node.metadata?.name ?? '';
  if (boundVolumeAffinity(volume).matches(node, cluster.objects.csiNodes.get(nodeName))) return undefined;
  const name = goQuote(volume.metadata?.name ?? '');
  return `pv ${name} node affinity doesn't match node ${goQuote(nodeName)}: no matching NodeSelectorTerms`;
}

/** Sent later than what the watch has shown so far. */
const isNewer = (sent: KubeObject, seen: KubeObject): boolean =>
  Number(sent.metadata?.resourceVersion ?? 0) > Number(seen.metadata?.resourceVersion ?? 0);
