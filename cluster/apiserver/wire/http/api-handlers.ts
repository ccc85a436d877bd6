/** What the wire needs of the API server: its verbs, each told who asks. */
import type { KubeObject } from '../../../../api/index.ts';
import type {
  ApiWatchHandler,
  DeleteOptions,
  ListOptions,
  ObjectList,
  PatchType,
  Target,
  WatchOptions,
  WriteOptions,
} from '../../client.ts';
import type { ServerAnswer } from '../../core.ts';
import type { Registry } from '../../kinds/registry.ts';
import type { RequestContext } from '../../request-context.ts';
import type { Status } from '../../status.ts';

export interface ApiHandlers {
  readonly registry: Registry;
  get(context: RequestContext, target: Target, answer: ServerAnswer<KubeObject>): void;
  list(context: RequestContext, target: Target, options: ListOptions, answer: ServerAnswer<ObjectList>): void;
  /** Throws ApiFailure where there is no stream to be had. */
  watch(context: RequestContext, target: Target, options: WatchOptions, handler: ApiWatchHandler): () => void;
  create(
    context: RequestContext,
    target: Target,
    object: KubeObject,
    options: WriteOptions,
    answer: ServerAnswer<KubeObject>,
  ): void;
  update(
    context: RequestContext,
    target: Target,
    object: KubeObject,
    options: WriteOptions,
    answer: ServerAnswer<KubeObject>,
  ): void;
  patch(
    context: RequestContext,
    target: Target,
    type: PatchType,
    patch: unknown,
    options: WriteOptions,
    answer: ServerAnswer<KubeObject>,
  ): void;
  remove(
    context: RequestContext,
    target: Target,
    options: DeleteOptions,
    answer: ServerAnswer<KubeObject | Status>,
  ): void;
  removeCollection(
    context: RequestContext,
    target: Target,
    options: DeleteOptions,
    list: ListOptions,
    answer: ServerAnswer<ObjectList>,
  ): void;
}
