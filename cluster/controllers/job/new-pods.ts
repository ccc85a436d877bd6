/** The pods that a Job makes. Source: `pkg/controller/job/{job_controller,indexed_job_utils}.go`, v1.37.2. */
import type { KubeObject } from '../../../api/index.ts';
import { podFromTemplate } from '../pod-control.ts';
import {
  FINALIZER,
  failuresOf,
  hasLimitPerIndex,
  INDEX,
  INDEX_FAILURES,
  INDEX_IGNORED,
  ignoredOf,
  type JobObject,
  type JobPod,
} from './job-pods.ts';
import { verdictOn } from './policies.ts';

type Container = NonNullable<JobPod['spec']>['containers'][number];

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';
/** What is left of a name before the random letters. */
const GENERATED_MAX = 58;

export function newPod(job: JobObject): KubeObject {
  const pod = podFromTemplate(job, job.spec.template);
  const finalizers = pod.metadata?.finalizers ?? [];
  if (finalizers.includes(FINALIZER)) return pod;
  return { ...pod, metadata: { ...pod.metadata, finalizers: [...finalizers, FINALIZER] } };
}

/** @param replaced The failed pod of this index, where failures are counted by index. */
export function newIndexedPod(job: JobObject, index: number, replaced: JobPod | undefined): KubeObject {
  const { metadata, spec, ...rest } = newPod(job) as JobPod;
  const name = job.metadata?.name ?? '';
  const suffix = `-${index}-`;
  const { containers, initContainers } = spec!;
  return {
    ...rest,
    metadata: {
      ...metadata,
      generateName: name.slice(0, GENERATED_MAX - suffix.length) + suffix,
      labels: { ...metadata?.labels, [INDEX]: String(index) },
      annotations: { ...metadata?.annotations, [INDEX]: String(index), ...failureCounts(job, replaced) },
    },
    spec: {
      ...spec,
      hostname: `${name}-${index}`,
      containers: containers.map(withIndex),
      ...(initContainers && { initContainers: initContainers.map(withIndex) }),
    },
  } as KubeObject;
}

function withIndex(container: Container): Container {
  const env = container.env ?? [];
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container;
  const fieldRef = { fieldPath: `metadata.labels['${INDEX}']` };
  return { ...container, env: [...env, { name: INDEX_VARIABLE, valueFrom: { fieldRef } }] };
}

function failureCounts(job: JobObject, replaced: JobPod | undefined): Record<string, string> {
  if (!hasLimitPerIndex(job)) return {};
  if (replaced === undefined) return { [INDEX_FAILURES]: '0' };
  const isCounted = verdictOn(job.spec, replaced).isCounted;
  const ignored = ignoredOf(replaced) + (isCounted ? 0 : 1);
  return {
    [INDEX_FAILURES]: String(failuresOf(replaced) + (isCounted ? 1 : 0)),
    ...(ignored > 0 ? { [INDEX_IGNORED]: String(ignored) } : {}),
  };
}
