/** `createPods`. Source: `executor.go` and `runners.go` in `test/integration/scheduler_perf`, v1.37.2. */
import type { KubeObject, PersistentVolume, PersistentVolumeClaim, Pod } from '../../../api/index.ts';
import { Lane } from '../../../cluster/clock.ts';
import { matchesLabels } from '../collector.ts';
import { BASE_POD, templateData } from '../objects.ts';
import type { CreatePods } from '../schema/ops.ts';
import { WorkloadError, type WorkloadRun } from '../workload-run.ts';
import { createPodsSteadily } from './steady-pods.ts';

/** So many pods may wait for their first attempt; the creator must never let the scheduler run dry. */
const BACKLOG = 1000;
/** How often the creator looks. */
const CREATE_MS = 1;

export async function createPods(run: WorkloadRun, op: CreatePods, opIndex: number): Promise<void> {
  const namespace = op.namespace ?? `namespace-${opIndex}`;
  await run.ensureNamespace(namespace);
  // Upstream renders while it measures, on other cores; here that would be time of the scheduler's own.
  const prepared = op.steadyState ? undefined : preparePods(run, op, namespace, op.count);
  if (op.collectMetrics) run.startCollecting(namespace, [namespace]);
  if (prepared === undefined) await createPodsSteadily(run, op, namespace);
  else await createRapidly(run, prepared);
  if (op.skipWaitToCompletion) run.awaited.set(namespace, (run.awaited.get(namespace) ?? 0) + op.count);
  else if (prepared !== undefined) {
    await waitScheduled(
      run,
      namespace,
      op.count,
      {},
      run.options.podsTimeoutMs,
      'error in waiting for pods to get scheduled',
    );
  }
  if (op.collectMetrics) run.stopCollecting();
}

/** Pods with what they need, in the order in which it is created. */
export function preparePods(run: WorkloadRun, op: CreatePods, namespace: string, count: number): KubeObject[][] {
  const taken = new Set<string>();
  const { api } = run.cluster;
  const isTaken = (name: string): boolean => taken.has(name) || api.get('Pod', `${namespace}/${name}`) !== undefined;
  const volumes = volumeTemplates(run, op);
  return Array.from({ length: count }, (_, index) => {
    const given = podTemplate(run, op, index, count);
    const { name: ownName, generateName = '' } = given.metadata ?? {};
    const name = ownName || run.names.make(generateName, isTaken);
    taken.add(name);
    const pod = { ...given, metadata: { ...given.metadata, name, namespace } };
    if (volumes === undefined) return [pod];
    const { claim, volume } = boundVolume(volumes, namespace, index);
    return [claim, volume, withClaim(pod as Pod, claim.metadata!.name!)];
  });
}

/** Pods of a template, but not the ones without, carry a label that tells batches apart. */
export function podTemplate(run: WorkloadRun, op: CreatePods, index: number, count: number): KubeObject {
  const file = op.podTemplatePath ?? run.options.resolved.testCase.defaultPodTemplatePath;
  if (file === undefined) return BASE_POD;
  const pod = run.templates.render(file, templateData(op.templateParams, index, count), 'Pod');
  const signature = `signature-label-${Math.floor(index / op.signatureBatchSize)}`;
  return { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata?.labels, signature } } };
}

interface VolumeTemplates {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
}

function volumeTemplates(run: WorkloadRun, op: CreatePods): VolumeTemplates | undefined {
  if (op.persistentVolumeClaimTemplatePath === undefined) return undefined;
  return {
    claim: run.templates.plain(op.persistentVolumeClaimTemplatePath, 'PersistentVolumeClaim') as PersistentVolumeClaim,
    volume: run.templates.plain(op.persistentVolumeTemplatePath!, 'PersistentVolume') as PersistentVolume,
  };
}

/** A claim and a volume that are bound to each other already. */
function boundVolume({ claim, volume }: VolumeTemplates, namespace: string, index: number): VolumeTemplates {
  const claimName = `pvc-${index}`;
  const volumeName = `${namespace}-vol-${index}`;
  const { csi, awsElasticBlockStore } = volume.spec ?? {};
  return {
    claim: {
      ...claim,
      metadata: { ...claim.metadata, name: claimName, namespace },
      spec: { ...claim.spec, volumeName },
      status: { ...claim.status, phase: 'Bound' },
    },
    volume: {
      ...volume,
      metadata: { ...volume.metadata, name: volumeName },
      spec: {
        ...volume.spec,
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claimName },
        csi: csi && { ...csi, volumeHandle: volumeName },
        awsElasticBlockStore: awsElasticBlockStore && { ...awsElasticBlockStore, volumeID: `vol-${index}` },
      },
      status: { ...volume.status, phase: 'Bound' },
    },
  };
}

const withClaim = (pod: Pod, claimName: string): Pod => ({
  ...pod,
  spec: { ...pod.spec!, volumes: [{ name: 'vol', persistentVolumeClaim: { claimName } }] },
});

async function createRapidly(run: WorkloadRun, prepared: readonly KubeObject[][]): Promise<void> {
  const { clock, api, scheduler } = run.cluster;
  let next = 0;
  const create = (): void => {
    const until = Math.min(prepared.length, next + Math.max(0, BACKLOG - scheduler.queue.active.size));
    for (; next < until; next++) {
      for (const object of prepared[next]!) {
        const error = api.create(object);
        if (error !== undefined) throw new WorkloadError(`error creating pod: ${error.message}`);
        if ((object as Pod).spec?.nodeName && object.kind === 'Pod') run.cluster.podBound(object);
      }
    }
    if (next < prepared.length) clock.at(clock.nowMs + CREATE_MS, create, Lane.Input);
  };
  clock.at(clock.nowMs, create, Lane.Input);
  await run.drive(() => next === prepared.length);
}

/** Waits until so many pods of the namespace are bound. */
export async function waitScheduled(
  run: WorkloadRun,
  namespace: string,
  count: number,
  labels: Readonly<Record<string, string>>,
  timeoutMs: number,
  what: string,
): Promise<void> {
  const pods = () => podsIn(run, namespace, labels);
  const isBound = ({ spec }: Pod): boolean => Boolean(spec?.nodeName);
  await run.poll(
    () => pods().filter(isBound).length >= count,
    timeoutMs,
    () => {
      const pending = pods().filter((pod) => !isBound(pod));
      const pod = pending.find(isAttempted) ?? pending[0];
      return `${what}: ${pod === undefined ? `too few pods in ${namespace}` : `at least pod ${namespace}/${pod.metadata?.name} is not scheduled${whyNot(pod)}`}`;
    },
  );
}

export const isAttempted = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type }) => type === 'PodScheduled') ?? false;

function whyNot({ status }: Pod): string {
  const message = status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message;
  return message ? ` (${message})` : '';
}

export const podsIn = (run: WorkloadRun, namespace: string, labels: Readonly<Record<string, string>>): Pod[] =>
  ([...run.cluster.api.list('Pod')] as Pod[]).filter(
    ({ metadata }) => metadata?.namespace === namespace && matchesLabels(metadata.labels, labels),
  );
