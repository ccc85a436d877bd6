/**
 * The current and the new revision of a StatefulSet. Source: `pkg/controller/statefulset/stateful_set_control.go`
 * (`getStatefulSetRevisions`, `truncateHistory`) and `pkg/controller/history/controller_history.go`, v1.37.2.
 */
import { goJson, type Pod } from '../../../api/index.ts';
import type { ApiClient } from '../../apiserver/client.ts';
import { bytesHash, canonical } from '../hash.ts';
import * as history from '../history.ts';
import type { Steps } from '../steps.ts';
import { revisionOf, type SetObject } from './identity.ts';

export interface SetRevisions {
  readonly current: history.Revision;
  readonly update: history.Revision;
  readonly collisionCount: number;
}

const HASH_LABEL = 'controller.kubernetes.io/hash';

/** The name that upstream gives as well: FNV-1 of the bytes that Go writes. */
export const revisionHash = (data: object, collisionCount: number): string =>
  bytesHash(goJson(JSON.parse(canonical(data))) + collisionCount);

/** @param revisions By number. */
export function* revisionsOf(
  client: ApiClient,
  set: SetObject,
  revisions: readonly history.Revision[],
): Steps<SetRevisions> {
  const last = revisions.at(-1);
  const next = (last?.revision ?? 0) + 1;
  const data = history.dataOf(set.spec!.template);
  const equal = revisions.findLast((revision) => history.hasData(revision, data));
  let collisionCount = set.status?.collisionCount ?? 0;
  let update = equal;
  if (equal !== undefined) {
    // Gone back to: it counts as the newest from now on.
    if (last !== equal) update = yield* history.renumber(client, equal, next);
  } else {
    for (; update === undefined; collisionCount++) {
      const hash = revisionHash(data, collisionCount);
      const made = history.newRevision({
        owner: set,
        template: set.spec!.template,
        hash,
        label: HASH_LABEL,
        revision: next,
      });
      update = yield* history.create(client, made);
      if (update !== undefined) break;
      const there = yield* history.get(client, made);
      if (history.hasData(there, data)) {
        update = there;
        break;
      }
    }
  }
  const current = revisions.find((revision) => history.nameOf(revision) === set.status?.currentRevision) ?? update!;
  return { current, update: update!, collisionCount };
}

/** Old revisions that no pod has, beyond the number that is kept. */
export function* truncate(
  client: ApiClient,
  set: SetObject,
  pods: readonly Pod[],
  revisions: readonly history.Revision[],
  { current, update }: SetRevisions,
): Steps {
  const live = new Set([...pods.map(revisionOf), history.nameOf(current), history.nameOf(update)]);
  const old = revisions.filter((revision) => !live.has(history.nameOf(revision)));
  const limit = set.spec?.revisionHistoryLimit ?? 10;
  if (limit < 0) return;
  for (const revision of old.slice(0, Math.max(0, old.length - limit))) yield* history.remove(client, revision);
}
