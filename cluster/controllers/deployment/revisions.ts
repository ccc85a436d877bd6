/** Which ReplicaSet has a Deployment's template, and its number. Source: `pkg/controller/deployment/{sync.go,util/deployment_util.go}`, v1.37.2. */
import type { KubeObject } from '../../../api/index.ts';
import { canonical, templateHash } from '../hash.ts';
import { controllerReference } from '../owners.ts';
import type { PodTemplate } from '../types.ts';
import {
  boundsOf,
  DESIRED_REPLICAS,
  type DeploymentObject,
  HASH_LABEL,
  MAX_REPLICAS,
  oldestFirst,
  REVISION,
  REVISION_HISTORY,
  revisionOf,
  type SetObject,
  wanted,
} from './bounds.ts';

/** Not the rollout's business, or only the deployment's own. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

function withoutHash(template: PodTemplate | undefined): string {
  const { [HASH_LABEL]: _, ...labels } = template?.metadata?.labels ?? {};
  return canonical({ ...template, metadata: { ...template?.metadata, labels } });
}

export function findNew({ spec }: DeploymentObject, sets: readonly SetObject[]): SetObject | undefined {
  const sought = withoutHash(spec?.template);
  return [...sets].sort(oldestFirst).find((set) => withoutHash(set.spec?.template) === sought);
}

export const nextRevision = (old: readonly SetObject[]): number => Math.max(0, ...old.map(revisionOf)) + 1;

export function newSet(deployment: DeploymentObject, revision: number, replicas: number): KubeObject {
  const { spec, status, metadata } = deployment;
  const template = spec!.template as PodTemplate;
  const hash = templateHash(template, status?.collisionCount);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  const set = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata?.name}-${hash}`,
      namespace: metadata?.namespace,
      labels,
      annotations: { ...copied(deployment), ...sizes(deployment), [REVISION]: String(revision) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      minReadySeconds: spec?.minReadySeconds,
      selector: { ...spec!.selector, matchLabels: { ...spec!.selector?.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
  return set as KubeObject;
}

const copied = ({ metadata }: DeploymentObject): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata?.annotations ?? {}).filter(([key]) => !NOT_COPIED.has(key)));

/** What the proportions of a later change are reckoned from. */
export const sizes = (deployment: DeploymentObject): Record<string, string> => ({
  [DESIRED_REPLICAS]: String(wanted(deployment)),
  [MAX_REPLICAS]: String(wanted(deployment) + boundsOf(deployment).surge),
});

/** The annotations of a ReplicaSet that is (again) the new one; a number it had before is kept in its history. */
export function annotationsOfNew(
  deployment: DeploymentObject,
  set: SetObject,
  revision: number,
): Record<string, string> {
  const before = set.metadata?.annotations ?? {};
  const next: Record<string, string> = { ...before, ...copied(deployment) };
  const had = revisionOf(set);
  if (had < revision) {
    next[REVISION] = String(revision);
    if (had > 0) {
      const history = before[REVISION_HISTORY];
      next[REVISION_HISTORY] = history ? `${history},${had}` : String(had);
    }
  }
  return next;
}
