/**
 * What happened between two recorded requests without being recorded: the second session began a quarter of an hour after the
 * first, with controllers at work in between; one watch was told by writes that are only seen in what it got.
 */
import type { KubeObject } from '../../../api/index.ts';
import { ADMIN, InProcessClient, type Target } from '../../../cluster/apiserver/index.ts';
import type { Run } from './replay.ts';
import type { RecordedResponse, Replayed } from './types.ts';

const PODS: Target = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const LIMIT_RANGES: Target = { ...PODS, resource: 'limitranges' };
const NODES: Target = { group: '', version: 'v1', resource: 'nodes' };

/** An answer when the case is none of requests alone. */
export function prepare(run: Run, name: string, res: RecordedResponse): Omit<Replayed, 'name'> | undefined {
  switch (name) {
    case 'bad token':
      return { skipped: 'tokens are the business of the HTTP server' };
    case 'warn header':
      run.clock.runUntil(run.clock.nowMs + 15 * 60_000);
      client(run).delete({ ...LIMIT_RANGES, name: 'lr' }, {}, must);
      return undefined;
    case 'page1':
      fillPage(run, res.body as Page);
      return undefined;
    case 'node taint strategic one':
      becomeNode(run, res.body as KubeObject);
      return undefined;
    case 'watch label transitions':
      return { status: undefined, body: undefined, ...transitions(run, res) };
    case 'exact compacted':
      run.store.compact(run.store.mvcc.revision, () => {});
      run.restart();
      return undefined;
    default:
      return undefined;
  }
}

const client = (run: Run): InProcessClient => new InProcessClient(run.server, { user: ADMIN });

const must = (error: { readonly message?: string } | undefined): void => {
  if (error !== undefined) throw new Error(error.message);
};

interface Page {
  readonly items: readonly KubeObject[];
  readonly metadata: { readonly remainingItemCount: number };
}

/** The first pod of the page as it was, and as many others as were behind it. */
function fillPage(run: Run, { items, metadata }: Page): void {
  const [first] = items as Array<KubeObject & { spec: object; status: object }>;
  const { name, generateName, labels, ownerReferences, finalizers, annotations } = first!.metadata!;
  const pods = client(run);
  const meta = { name, generateName, labels, ownerReferences, finalizers, annotations };
  pods.create(PODS, { ...first, apiVersion: 'v1', kind: 'Pod', metadata: meta } as KubeObject, {}, must);
  pods.patch({ ...PODS, name, subresource: 'status' }, 'merge', { status: first!.status }, {}, must);
  let there = 0;
  pods.list(PODS, {}, (error, list) => {
    must(error);
    there = list.items.length;
  });
  for (let i = there; i < metadata.remainingItemCount + 1; i++) {
    const spec = { containers: [{ name: 'c', image: 'i' }] };
    pods.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: `zz-${i}` }, spec } as KubeObject, {}, must);
  }
}

/** Controllers had found that no kubelet reports it. */
function becomeNode(run: Run, { metadata, status }: KubeObject & { status?: object }): void {
  const one = { ...NODES, name: metadata!.name };
  const nodes = client(run);
  nodes.patch(one, 'merge', { metadata: { annotations: metadata?.annotations } }, {}, must);
  nodes.patch({ ...one, subresource: 'status' }, 'merge', { status }, {}, must);
}

/** The writes that make a pod begin to match a selector, change, and match no longer. */
function transitions(run: Run, _res: RecordedResponse): Pick<Replayed, 'body'> {
  const pods = client(run);
  const events: Array<[string, unknown]> = [];
  const handler = {
    event: ({ type, object }: { type: string; object: KubeObject | object }): void => {
      events.push([type, (object as KubeObject).metadata?.labels]);
    },
    ended: () => {},
  };
  const stop = pods.watch(PODS, { labelSelector: 's=1' }, handler as never);
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  pods.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'lt' }, spec } as KubeObject, {}, must);
  for (const labels of [{ s: '1' }, { t: '1' }, { s: null }]) {
    pods.patch({ ...PODS, name: 'lt' }, 'merge', { metadata: { labels } }, {}, must);
  }
  run.clock.settle();
  stop();
  return { body: { events } };
}
