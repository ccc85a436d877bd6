/** `createNodes`. Source: `node_util.go` and `runners.go` in `test/integration/scheduler_perf`, v1.37.2. */
import { randomUUID } from 'node:crypto';
import type { CSINode, Node } from '../../../api/index.ts';
import { baseNode, templateData } from '../objects.ts';
import type { CreateNodes } from '../schema/ops.ts';
import { WorkloadError, type WorkloadRun } from '../workload-run.ts';

const HOSTNAME = 'kubernetes.io/hostname';
const MIGRATED_PLUGINS = 'storage.alpha.kubernetes.io/migrated-plugins';

export async function createNodes(run: WorkloadRun, op: CreateNodes, opIndex: number): Promise<void> {
  const { api } = run.cluster;
  const nodes = prepare(run, op, opIndex);
  await run.act(() => {
    for (const node of nodes) check(api.create(node), 'creating node');
  });
  // By name, not by when they were created: nodes of earlier operations may be among those that follow.
  const all = ([...api.list('Node')] as Node[]).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const chosen = all.slice(run.nodesCreated, run.nodesCreated + op.count);
  if (chosen.length < op.count) throw new WorkloadError('aborting node preparation: some of the nodes are gone');
  await run.act(() => prepareChosen(run, op, chosen));
  run.nodesCreated += op.count;
}

const nameOf = ({ metadata }: Node): string => metadata?.name ?? '';

function check(error: { readonly message: string } | undefined, what: string): void {
  if (error !== undefined) throw new WorkloadError(`${what}: ${error.message}`);
}

function prepare(run: WorkloadRun, op: CreateNodes, opIndex: number): Node[] {
  const { nodeTemplatePath, templateParams, count } = op;
  const taken = new Set<string>();
  const isTaken = (name: string): boolean => taken.has(name) || run.cluster.api.get('Node', name) !== undefined;
  const base = baseNode(`node-${opIndex}-`);
  return Array.from({ length: count }, (_, index) => {
    const given =
      nodeTemplatePath === undefined
        ? base
        : (run.templates.render(nodeTemplatePath, templateData(templateParams, index, count), 'Node') as Node);
    const { generateName = '', name: ownName, labels } = given.metadata ?? {};
    const name = ownName || run.names.make(generateName, isTaken);
    taken.add(name);
    return { ...given, metadata: { ...given.metadata, name, labels: { ...labels, [HOSTNAME]: name } } } as Node;
  });
}

function prepareChosen(run: WorkloadRun, op: CreateNodes, nodes: readonly Node[]): void {
  const { api } = run.cluster;
  const { nodeAllocatable, labels, uniqueLabelKey } = op;
  nodes.forEach((node, i) => {
    const name = nameOf(node);
    if (nodeAllocatable !== undefined) {
      api.patch('Node', name, { status: { allocatable: nodeAllocatable.nodeAllocatable } });
      putCsiNode(run, name, nodeAllocatable);
    } else if (labels !== undefined) {
      api.patch('Node', name, { metadata: { labels: { [labels.key]: labels.values[i % labels.values.length] } } });
    } else if (uniqueLabelKey !== undefined) {
      api.patch('Node', name, { metadata: { labels: { [uniqueLabelKey]: randomUUID() } } });
    }
  });
}

function putCsiNode(
  run: WorkloadRun,
  name: string,
  { csiNodeAllocatable, migratedPlugins }: NonNullable<CreateNodes['nodeAllocatable']>,
): void {
  const { api } = run.cluster;
  const stored = api.get('CSINode', name) as CSINode | undefined;
  const drivers = new Map((stored?.spec?.drivers ?? []).map((driver) => [driver.name, driver]));
  for (const [driver, count] of Object.entries(csiNodeAllocatable)) {
    const known = drivers.get(driver);
    const allocatable = count === undefined ? undefined : { count };
    drivers.set(driver, { ...(known ?? { name: driver, nodeID: name }), allocatable });
  }
  const annotations = { ...stored?.metadata?.annotations, [MIGRATED_PLUGINS]: migratedPlugins.join(',') };
  const csiNode: CSINode = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { ...stored?.metadata, name, annotations },
    spec: { drivers: [...drivers.values()] },
  };
  if (stored === undefined) check(api.create(csiNode), 'aborting node preparation');
  else api.replace(csiNode);
}
