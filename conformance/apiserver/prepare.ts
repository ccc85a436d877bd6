/**
 * What happened between two recorded requests without being recorded: the second session began a quarter of an hour after the
 * first, with controllers at work in between; one watch was told by writes that are only seen in what it got.
 */
import type { KubeObject } from '../../api/index.ts';
import type { ApiAnswer, InProcessClient, ObjectList, Target } from '../../cluster/apiserver/index.ts';
import type { RecordedCase } from './recorded.ts';
import type { TestServer } from './test-server.ts';

const PODS: Target = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const LIMIT_RANGES: Target = { ...PODS, resource: 'limitranges' };
const NODES: Target = { group: '', version: 'v1', resource: 'nodes' };

/** Brings the server to where the recorded one was. */
export async function prepare(server: TestServer, { name, res }: RecordedCase): Promise<void> {
  const { client } = server.wire;
  switch (name) {
    case 'warn header':
      await did((done) => client.delete({ ...LIMIT_RANGES, name: 'lr' }, {}, done));
      await server.restart();
      return;
    case 'page1':
      return fillPage(client, res.body as Page);
    case 'node taint strategic one':
      return becomeNode(client, res.body as KubeObject);
    case 'exact compacted':
      return server.restart();
  }
}

interface Page {
  readonly items: readonly KubeObject[];
  readonly metadata: { readonly remainingItemCount: number };
}

/** The first pod of the page as it was, and as many others as were behind it. */
async function fillPage(client: InProcessClient, { items, metadata }: Page): Promise<void> {
  const [first] = items as Array<KubeObject & { spec: object; status: object }>;
  const { name, generateName, labels, ownerReferences, finalizers, annotations } = first!.metadata!;
  const meta = { name, generateName, labels, ownerReferences, finalizers, annotations };
  await create(client, { ...first, metadata: meta } as KubeObject);
  const status = { ...PODS, name, subresource: 'status' };
  await did((done) => client.patch(status, 'merge', { status: first!.status }, {}, done));
  const { items: there } = await did<ObjectList>((done) => client.list(PODS, {}, done));
  for (let i = there.length; i < metadata.remainingItemCount + 1; i++) await create(client, plainPod(`zz-${i}`));
}

/** Controllers had found that no kubelet reports it. */
async function becomeNode(
  client: InProcessClient,
  { metadata, status }: KubeObject & { status?: object },
): Promise<void> {
  const one = { ...NODES, name: metadata!.name };
  const { annotations } = metadata!;
  await did((done) => client.patch(one, 'merge', { metadata: { annotations } }, {}, done));
  await did((done) => client.patch({ ...one, subresource: 'status' }, 'merge', { status }, {}, done));
}

export interface Transition {
  readonly type: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The writes that make a pod begin to match a selector, change, and match no longer; and what a watch is told of them. */
export async function transitions(server: TestServer, count: number): Promise<Transition[]> {
  const { client } = server.wire;
  const told: Transition[] = [];
  const isTold = new Promise<void>((resolve) => {
    const stop = client.watch(
      PODS,
      { labelSelector: 's=1' },
      {
        event: ({ type, object }) => {
          told.push({ type, labels: (object as KubeObject).metadata?.labels ?? {} });
          if (told.length < count) return;
          stop();
          resolve();
        },
        ended: resolve,
      },
    );
  });
  await create(client, plainPod('lt'));
  for (const labels of [{ s: '1' }, { t: '1' }, { s: null }]) {
    await did((done) => client.patch({ ...PODS, name: 'lt' }, 'merge', { metadata: { labels } }, {}, done));
  }
  await isTold;
  return told;
}

const plainPod = (name: string): KubeObject =>
  ({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }] } }) as KubeObject;

const create = (client: InProcessClient, pod: KubeObject): Promise<KubeObject> =>
  did((done) => client.create(PODS, { ...pod, apiVersion: 'v1', kind: 'Pod' } as KubeObject, {}, done));

const did = <T>(call: (answer: ApiAnswer<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, result) => (error === undefined ? resolve(result) : reject(new Error(error.message))));
  });
