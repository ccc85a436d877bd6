/** Where a write of a service gets its addresses, and gives back what came of nothing. */
import type { KubeObject } from '../../../api/index.ts';
import type { Core, ServerAnswer } from '../core.ts';
import type { StoredKind } from '../kinds/resource.ts';
import { placed } from './place.ts';

const ownerOf = ({ metadata }: KubeObject): string => metadata?.uid ?? '';

/** The object as `rest` makes it of the one that has its addresses; other kinds go straight on. Throws ApiFailure. */
export function placing(
  { addresses }: Core,
  { kind }: StoredKind,
  object: KubeObject,
  current: KubeObject | undefined,
  rest: (object: KubeObject) => KubeObject,
): KubeObject {
  if (kind !== 'Service') return rest(object);
  addresses.begin(ownerOf(object));
  try {
    return rest(placed(addresses, object, current));
  } catch (error) {
    addresses.settle(ownerOf(object));
    throw error;
  }
}

/** Ends what `placing` began, once the feed has what came of the write. */
export function settle(
  { addresses, feed }: Core,
  { kind }: StoredKind,
  object: KubeObject,
  written?: KubeObject,
): void {
  if (kind !== 'Service') return;
  const done = (): void => addresses.settle(ownerOf(object));
  const { resourceVersion } = written?.metadata ?? {};
  if (resourceVersion === undefined) done();
  else feed.whenAt(Number(resourceVersion), done);
}

/** The answer, with `settle` before it. */
export function settling(
  core: Core,
  stored: StoredKind,
  object: KubeObject,
  answer: ServerAnswer<KubeObject>,
): ServerAnswer<KubeObject> {
  if (stored.kind !== 'Service') return answer;
  return (error, result, code) => {
    settle(core, stored, object, error === undefined ? result : undefined);
    answer(error, result, code);
  };
}
