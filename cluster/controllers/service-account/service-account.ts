/** Every namespace has a service account `default`. Source: `pkg/controller/serviceaccount/serviceaccounts_controller.go`, v1.37.2. */
import type { KubeObject } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { Informer } from '../informer.ts';
import { isActiveNamespace, NAMESPACES, type Namespace } from '../namespaces.ts';
import { isNamespaceGoing } from '../pod-control.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { WorkQueue } from '../work-queue.ts';

export const SERVICE_ACCOUNTS = { group: '', version: 'v1', resource: 'serviceaccounts' };
const NAMES = ['default'];

export class ServiceAccountController {
  readonly queue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly namespaces: Informer<Namespace>;
  private readonly accounts: Informer;

  constructor(context: ControllerContext) {
    this.context = context;
    this.namespaces = context.informer(NAMESPACES);
    this.accounts = context.informer(SERVICE_ACCOUNTS);
    this.queue = new WorkQueue({ clock: context.clock, sync: (namespace) => this.sync(namespace) });
    this.namespaces.onChange((_, now) => {
      if (now !== undefined) this.queue.add(now.metadata?.name ?? '');
    });
    this.accounts.onChange((before, now) => {
      if (now === undefined) this.queue.add(before?.metadata?.namespace ?? '');
    });
  }

  private *sync(namespace: string): Steps {
    if (!isActiveNamespace(this.namespaces.get('', namespace))) return;
    for (const name of NAMES) {
      if (this.accounts.get(namespace, name) !== undefined) continue;
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } } as KubeObject;
      try {
        yield* call((answer) => this.context.client.create({ ...SERVICE_ACCOUNTS, namespace }, account, {}, answer));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (error.status.reason !== 'AlreadyExists' && !isNamespaceGoing(error)) throw error;
      }
    }
  }
}
