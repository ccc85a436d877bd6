/** DELETE of a collection: everything that a list would give, one by one; answers the list as it was. */
import type { DeleteOptions, ListOptions, ObjectList, Target } from '../client.ts';
import type { Core, ServerAnswer } from '../core.ts';
import type { RequestContext } from '../request-context.ts';
import type { Status } from '../status.ts';
import { failureOf } from '../storage-write.ts';
import { removeOne } from './delete.ts';
import { listResolved } from './list.ts';
import { guarded, resolve } from './resolve.ts';

export function removeCollection(
  core: Core,
  context: RequestContext,
  target: Target,
  options: DeleteOptions,
  listOptions: ListOptions,
  answer: ServerAnswer<ObjectList>,
): void {
  guarded(answer, () => {
    const resolved = resolve(core, context, target, 'deletecollection');
    listResolved(core, resolved, listOptions, (error, list, code) => {
      if (error !== undefined) {
        answer(error, list, code);
        return;
      }
      let left = list.items.length;
      let refused: Status | undefined;
      const one = (status: Status | undefined): void => {
        // Gone already is as good.
        if (status !== undefined && status.reason !== 'NotFound') refused ??= status;
        left--;
        if (left > 0) return;
        if (refused === undefined) answer(undefined, list, 200);
        else answer(refused, list, refused.code);
      };
      if (left === 0) answer(undefined, list, 200);
      for (const { metadata } of list.items) {
        const each = { ...resolved, namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' };
        try {
          removeOne(core, each, options, one);
        } catch (error_) {
          one(failureOf(error_));
        }
      }
    });
  });
}
