/** The API by reference: what comes out is what the server holds, and nobody may change it. */
import type { KubeObject } from '../../api/index.ts';
import type {
  ApiAnswer,
  ApiClient,
  ApiWatchHandler,
  DeleteOptions,
  ListOptions,
  ObjectList,
  PatchType,
  Target,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import { ApiFailure } from './failures.ts';
import type { RequestContext, UserInfo } from './request-context.ts';
import type { ApiServer } from './server.ts';
import type { Status } from './status.ts';
import { failureOf } from './storage-write.ts';

/** May do everything. */
export const ADMIN: UserInfo = { username: 'system:admin', groups: ['system:masters', 'system:authenticated'] };

export interface InProcessClientOptions {
  /** @default `system:admin` */
  readonly user?: UserInfo;
  /** Check the types of what is written, as of JSON from outside; it then belongs to the server. @default false */
  readonly decode?: boolean;
  readonly warn?: (text: string) => void;
}

export class InProcessClient implements ApiClient {
  private readonly server: ApiServer;
  private readonly context: RequestContext;

  constructor(server: ApiServer, { user = ADMIN, decode = false, warn }: InProcessClientOptions = {}) {
    this.server = server;
    this.context = warn === undefined ? { user, decode } : { user, decode, warn };
  }

  get(target: Target, answer: ApiAnswer<KubeObject>): void {
    this.server.get(this.context, target, answer);
  }

  list(target: Target, options: ListOptions, answer: ApiAnswer<ObjectList>): void {
    this.server.list(this.context, target, options, answer);
  }

  watch(target: Target, options: WatchOptions, handler: ApiWatchHandler): () => void {
    try {
      return this.server.watch(this.context, target, options, handler);
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      const object = failureOf(error);
      let isStopped = false;
      this.server.core.clock.soon(() => {
        if (isStopped) return;
        handler.event({ type: 'ERROR', object });
        handler.ended();
      });
      return () => {
        isStopped = true;
      };
    }
  }

  create(target: Target, object: KubeObject, options: WriteOptions, answer: ApiAnswer<KubeObject>): void {
    this.server.create(this.context, target, object, options, answer);
  }

  update(target: Target, object: KubeObject, options: WriteOptions, answer: ApiAnswer<KubeObject>): void {
    this.server.update(this.context, target, object, options, answer);
  }

  patch(target: Target, type: PatchType, patch: unknown, options: WriteOptions, answer: ApiAnswer<KubeObject>): void {
    this.server.patch(this.context, target, type, patch, options, answer);
  }

  delete(target: Target, options: DeleteOptions, answer: ApiAnswer<KubeObject | Status>): void {
    this.server.remove(this.context, target, options, answer);
  }

  deleteCollection(
    target: Target,
    options: DeleteOptions,
    listOptions: ListOptions,
    answer: ApiAnswer<ObjectList>,
  ): void {
    this.server.removeCollection(this.context, target, options, listOptions, answer);
  }
}
