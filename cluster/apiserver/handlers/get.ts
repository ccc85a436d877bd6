/** GET of one object: what the store holds now. */
import type { KubeObject } from '../../../api/index.ts';
import { inVersion } from '../cache/cache-event.ts';
import { keyOf, objectOf } from '../cache/kind-cache.ts';
import type { Target } from '../client.ts';
import type { Core, Resolved, ServerAnswer } from '../core.ts';
import { notFound } from '../failures.ts';
import type { RequestContext } from '../request-context.ts';
import type { Status } from '../status.ts';
import { statusOf } from '../storage-write.ts';
import { guarded, resolve } from './resolve.ts';
import { scaleOf } from './scale.ts';

export function get(core: Core, context: RequestContext, target: Target, answer: ServerAnswer<KubeObject>): void {
  guarded(answer, () => {
    const resolved = resolve(core, context, target, 'get');
    read(core, resolved, (error, object) => {
      if (error !== undefined) answer(error, object, error.code);
      else if (resolved.subresource === 'scale') answer(undefined, scaleOf(object), 200);
      else answer(undefined, inVersion(resolved.resource, object), 200);
    });
  });
}

/** The stored object as it is now. */
export function read(
  core: Core,
  { resource, stored, namespace, name }: Resolved,
  answer: (error: Status | undefined, object: KubeObject) => void,
): void {
  core.store.range({ key: keyOf(stored, namespace, name) }, {}, (error, result) => {
    const kv = result?.kvs[0];
    if (error !== undefined) answer(statusOf(error), undefined as never);
    else if (kv === undefined) answer(notFound(resource, name), undefined as never);
    else answer(undefined, objectOf(kv));
  });
}
