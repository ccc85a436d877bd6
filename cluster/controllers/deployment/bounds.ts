/** How far a rollout may go over and under the wanted number. Source: `pkg/controller/deployment/util/deployment_util.go`, v1.37.2. */
import type { KubeObject } from '../../../api/index.ts';
import type { Deployment, ReplicaSet } from '../types.ts';

export type DeploymentObject = Deployment & KubeObject;
export type SetObject = ReplicaSet & KubeObject;

export const REVISION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
export const HASH_LABEL = 'pod-template-hash';

export interface Bounds {
  readonly surge: number;
  readonly unavailable: number;
}

/** Surplus is rounded up, lack down; where neither is left, one may lack. */
export function boundsOf({ spec }: Deployment): Bounds {
  if (!isRolling({ spec })) return { surge: 0, unavailable: 0 };
  const replicas = spec?.replicas ?? 1;
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec?.strategy?.rollingUpdate ?? {};
  const surge = share(maxSurge, replicas, Math.ceil);
  const unavailable = share(maxUnavailable, replicas, Math.floor);
  return { surge, unavailable: Math.min(surge === 0 && unavailable === 0 ? 1 : unavailable, replicas) };
}

export const isRolling = ({ spec }: Deployment): boolean =>
  (spec?.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';

function share(value: number | string, total: number, round: (number: number) => number): number {
  return typeof value === 'number' ? value : round((Number(value.replace('%', '')) * total) / 100);
}

export const wanted = ({ spec }: Deployment | ReplicaSet): number => spec?.replicas ?? 1;

export const sum = (sets: readonly SetObject[], countOf: (set: SetObject) => number): number =>
  sets.reduce((total, set) => total + countOf(set), 0);

export const revisionOf = ({ metadata }: KubeObject): number => Number(metadata?.annotations?.[REVISION] ?? 0) || 0;

/** The number that an annotation holds; undefined where it holds none. */
export function countIn({ metadata }: KubeObject, key: string): number | undefined {
  const text = metadata?.annotations?.[key] ?? '';
  const count = /^[0-9]{1,10}$/.test(text) ? Number(text) : MAX_INT32 + 1;
  return count <= MAX_INT32 ? count : undefined;
}

const MAX_INT32 = 2 ** 31 - 1;

export const oldestFirst = (a: KubeObject, b: KubeObject): number => (order(a) < order(b) ? -1 : 1);
const order = ({ metadata }: KubeObject): string => `${metadata?.creationTimestamp} ${metadata?.name}`;
