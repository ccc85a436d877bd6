/** Every namespace has the certificate by which its pods know the API server. Source: `pkg/controller/certificates/rootcacertpublisher/publisher.go`, v1.37.2. */
import type { KubeObject } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { Informer } from '../informer.ts';
import { isActiveNamespace, NAMESPACES, type Namespace } from '../namespaces.ts';
import { isNamespaceGoing } from '../pod-control.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { WorkQueue } from '../work-queue.ts';

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const NAME = 'kube-root-ca.crt';
const FILE = 'ca.crt';
const ANNOTATION = 'kubernetes.io/description';
/** Clients look for this text, so it is upstream's. */
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal ' +
  'service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

export class RootCaPublisher {
  readonly queue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly certificate: string;
  private readonly namespaces: Informer<Namespace>;
  private readonly maps: Informer<ConfigMap>;

  /** @param certificate PEM. */
  constructor(context: ControllerContext, certificate: string) {
    this.context = context;
    this.certificate = certificate;
    this.namespaces = context.informer(NAMESPACES);
    this.maps = context.informer(CONFIG_MAPS);
    this.queue = new WorkQueue({ clock: context.clock, sync: (namespace) => this.sync(namespace) });
    this.namespaces.onChange((_, now) => {
      if (isActiveNamespace(now)) this.queue.add(now?.metadata?.name ?? '');
    });
    this.maps.onChange((before, now) => {
      const { name, namespace = '' } = (now ?? before)?.metadata ?? {};
      // What is new was made here, or is found when its namespace is.
      if (name === NAME && before !== undefined) this.queue.add(namespace);
    });
  }

  private *sync(namespace: string): Steps {
    const { client } = this.context;
    const target = { ...CONFIG_MAPS, namespace };
    const existing = this.maps.get(namespace, NAME);
    const data = { [FILE]: this.certificate };
    try {
      if (existing === undefined) {
        const metadata = { name: NAME, namespace, annotations: { [ANNOTATION]: DESCRIPTION } };
        const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data } as KubeObject;
        yield* call((answer) => client.create(target, map, {}, answer));
        return;
      }
      const { annotations } = existing.metadata ?? {};
      const isSame = Object.keys(existing.data ?? {}).length === 1 && existing.data?.[FILE] === this.certificate;
      if (isSame && annotations?.[ANNOTATION]) return;
      const metadata = { ...existing.metadata, annotations: { ...annotations, [ANNOTATION]: DESCRIPTION } };
      const map = { ...existing, metadata, data };
      yield* call((answer) => client.update({ ...target, name: NAME }, map, {}, answer));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.status.reason !== 'AlreadyExists' && !error.isNotFound && !isNamespaceGoing(error)) throw error;
    }
  }
}
