/** The present revision of a DaemonSet, and the old ones. Source: `pkg/controller/daemon/update.go` (`constructHistory`, `cleanupHistory`), v1.37.2. */
import type { KubeObject } from '../../../api/index.ts';
import type { ApiClient } from '../../apiserver/client.ts';
import { templateHash } from '../hash.ts';
import * as history from '../history.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { DAEMON_SETS, PODS } from '../types.ts';
import { type DaemonPod, HASH_LABEL, type SetObject } from './daemon-pods.ts';

export interface SetHistory {
  readonly current: history.Revision;
  readonly old: readonly history.Revision[];
}

export const hashOf = ({ metadata }: KubeObject): string => metadata?.labels?.[HASH_LABEL] ?? '';

export function* historyOf(
  client: ApiClient,
  set: SetObject,
  owned: readonly history.Revision[],
  pods: readonly DaemonPod[],
): Steps<SetHistory> {
  const data = history.dataOf(set.spec!.template);
  const equal: history.Revision[] = [];
  const old: history.Revision[] = [];
  for (const each of owned) {
    const labels = { [HASH_LABEL]: history.nameOf(each) };
    const revision = hashOf(each) === '' ? yield* history.change(client, each, { metadata: { labels } }) : each;
    (history.hasData(revision, data) ? equal : old).push(revision);
  }
  const next = Math.max(0, ...old.map(({ revision }) => revision)) + 1;
  if (equal.length === 0) return { current: yield* snapshot(client, set, next), old };
  const kept = yield* onlyOne(client, equal, pods);
  const current = kept.revision < next ? yield* history.renumber(client, kept, next) : kept;
  return { current, old };
}

function* snapshot(client: ApiClient, set: SetObject, revision: number): Steps<history.Revision> {
  const { template } = set.spec!;
  const hash = templateHash(template, set.status?.collisionCount);
  const wanted = history.newRevision({ owner: set, template, hash, label: HASH_LABEL, revision });
  const made = yield* history.create(client, wanted);
  if (made !== undefined) return made;
  const there = yield* history.get(client, wanted);
  if (history.hasData(there, history.dataOf(template))) return there;
  yield* collided(client, set);
  const message = `revision ${history.nameOf(wanted)} has another template`;
  throw new Refusal({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 409, message });
}

/** The next hash is another one. */
function* collided(client: ApiClient, set: SetObject): Steps {
  const target = { ...DAEMON_SETS, namespace: set.metadata?.namespace, name: set.metadata?.name };
  const fresh = (yield* call<KubeObject>((answer) => client.get(target, answer))) as SetObject;
  const count = fresh.status?.collisionCount ?? 0;
  if (count !== (set.status?.collisionCount ?? 0)) return;
  const status = { ...fresh.status, collisionCount: count + 1 };
  const next = { ...fresh, status } as KubeObject;
  yield* call((answer) => client.update({ ...target, subresource: 'status' }, next, {}, answer));
}

/** Of several with the same template the newest stays, and the pods are its own. */
function* onlyOne(
  client: ApiClient,
  equal: readonly history.Revision[],
  pods: readonly DaemonPod[],
): Steps<history.Revision> {
  const [kept, ...others] = history.inOrder(equal).reverse() as [history.Revision, ...history.Revision[]];
  if (others.length === 0) return kept;
  const patch = { metadata: { labels: { [HASH_LABEL]: hashOf(kept) } } };
  for (const pod of pods) {
    if (hashOf(pod) === hashOf(kept)) continue;
    const target = { ...PODS, namespace: pod.metadata?.namespace, name: pod.metadata?.name };
    yield* call((answer) => client.patch(target, 'merge', patch, {}, answer));
  }
  for (const other of others) yield* history.remove(client, other);
  return kept;
}

/** Old ones that no pod has, beyond the number that is kept. */
export function* truncate(
  client: ApiClient,
  { spec }: SetObject,
  old: readonly history.Revision[],
  pods: readonly DaemonPod[],
): Steps {
  let surplus = old.length - (spec?.revisionHistoryLimit ?? 10);
  const live = new Set(pods.map(hashOf));
  for (const revision of history.inOrder(old)) {
    if (surplus <= 0) return;
    if (live.has(hashOf(revision))) continue;
    yield* history.remove(client, revision);
    surplus--;
  }
}
