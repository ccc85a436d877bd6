/** `createAny`, `updateAny`, `createPodGroups`, `createResourceClaims`, `createNamespaces`: objects of any kind. */
import type { KubeObject, Node, Pod } from '../../../api/index.ts';
import { Lane } from '../../../cluster/clock.ts';
import { keyOf } from '../../../cluster/simulation/index.ts';
import { admitted, type ImpliedKind, templateData } from '../objects.ts';
import { isClusterScoped } from '../perf-api.ts';
import type { CreateAny, CreateNamespaces, CreatePodGroups, CreateResourceClaims, UpdateAny } from '../schema/ops.ts';
import { namespaceObject, WorkloadError, type WorkloadRun } from '../workload-run.ts';

export async function createNamespaces(run: WorkloadRun, op: CreateNamespaces): Promise<void> {
  const { api } = run.cluster;
  const { namespaceTemplatePath: file } = op;
  const given = file === undefined ? {} : run.templates.plain(file, 'Namespace');
  const names = Array.from({ length: op.count }, (_, i) => `${op.prefix}-${i}`);
  await run.act(() => {
    // One that exists is accepted.
    for (const name of names) api.create(namespaceObject(name, given));
  });
  for (const name of names) if (!run.awaited.has(name)) run.awaited.set(name, 0);
}

export async function createAny(run: WorkloadRun, op: CreateAny): Promise<void> {
  const { namespace, templatePath, templateParams, count } = op;
  if (namespace !== '') await run.ensureNamespace(namespace);
  await createAll(run, templatePath, namespace, count, (index) =>
    run.templates.render(templatePath, templateData(templateParams, index, count)),
  );
}

export async function createPodGroups(run: WorkloadRun, op: CreatePodGroups): Promise<void> {
  const { namespace, templatePath, templateParams, count } = op;
  await run.ensureNamespace(namespace);
  // There is no `.Count` here.
  await createAll(run, templatePath, namespace, count, (index) =>
    run.templates.render(templatePath, templateData(templateParams, index), 'PodGroup'),
  );
}

export async function createResourceClaims(run: WorkloadRun, op: CreateResourceClaims): Promise<void> {
  const { namespace, templatePath, count } = op;
  await run.ensureNamespace(namespace);
  const kind: ImpliedKind = 'ResourceClaim';
  await createAll(run, templatePath, namespace, count, () => run.templates.plain(templatePath, kind));
}

async function createAll(
  run: WorkloadRun,
  file: string,
  namespace: string,
  count: number,
  make: (index: number) => KubeObject,
): Promise<void> {
  const { api } = run.cluster;
  const objects = Array.from({ length: count }, (_, index) => {
    const object = make(index);
    checkScope(object, namespace, file);
    return named(run, object, namespace);
  });
  await run.act(() => {
    for (const object of objects) {
      const error = api.create(object);
      if (error !== undefined) throw new WorkloadError(`${file}: ${error.message}`);
    }
  });
}

function checkScope({ kind = '' }: KubeObject, namespace: string, file: string): void {
  if (isClusterScoped(kind) === (namespace === '')) return;
  const scope = namespace === '' ? 'namespace' : 'root';
  const what = namespace === '' ? `namespace not set for "${file}"` : `namespace "${namespace}" set for "${file}"`;
  throw new WorkloadError(`${what}, but "${kind}" has scope "${scope}"`);
}

/** With a name where a prefix is given, in the namespace. */
export function named(run: WorkloadRun, object: KubeObject, namespace: string): KubeObject {
  const { kind = '', metadata } = object;
  const where = namespace === '' ? undefined : namespace;
  const isTaken = (name: string): boolean => run.cluster.api.get(kind, keyOf(kind, where, name)) !== undefined;
  const name = metadata?.name || run.names.make(metadata?.generateName ?? '', isTaken);
  return { ...object, metadata: { ...metadata, name, ...(where === undefined ? {} : { namespace: where }) } };
}

// --- updates ---------------------------------------------------------------------------------------------------------

export async function updateAny(run: WorkloadRun, op: UpdateAny): Promise<void> {
  const { namespace, templatePath, count, updatePerSecond } = op;
  if (namespace !== '') await run.ensureNamespace(namespace);
  const objects = Array.from({ length: count }, (_, index) => {
    const object = run.templates.render(templatePath, templateData({}, index, count));
    checkScope(object, namespace, templatePath);
    return object;
  });
  if (updatePerSecond === 0) {
    await run.act(() => {
      for (const object of objects) update(run, op, object);
    });
  } else await atRate(run, updatePerSecond, objects, (object) => update(run, op, object));
}

/** One a tick, the first after the first tick. */
export async function atRate<T>(
  run: WorkloadRun,
  perSecond: number,
  items: readonly T[],
  act: (item: T) => void,
): Promise<void> {
  let done = 0;
  startAtRate(run, perSecond, items, (item) => {
    act(item);
    done++;
  });
  if (items.length > 0) await run.drive(() => done === items.length);
}

/** As `atRate`, in the background. */
export function startAtRate<T>(run: WorkloadRun, perSecond: number, items: readonly T[], act: (item: T) => void): void {
  const { clock } = run.cluster;
  const intervalMs = 1000 / perSecond;
  const tick = (index: number, dueMs: number): void => {
    if (index === items.length) return;
    clock.at(
      dueMs,
      () => {
        act(items[index]!);
        tick(index + 1, dueMs + intervalMs);
      },
      Lane.Input,
    );
  };
  tick(0, clock.nowMs + intervalMs);
}

/** An update of the object or of one of its parts, then one of its status. */
function update(run: WorkloadRun, { namespace, subresources }: UpdateAny, given: KubeObject): void {
  const { api } = run.cluster;
  const kind = given.kind ?? '';
  const key = keyOf(kind, namespace, given.metadata?.name ?? '');
  const stored = api.get(kind, key);
  if (stored === undefined) {
    throw new WorkloadError(`failed to update object: ${kind} "${given.metadata?.name}" not found`);
  }
  const [subresource] = subresources;
  if (subresource === undefined) api.replace(withSpec(stored, given));
  else if (subresource === 'resize') api.replace(resized(stored as Pod, given as Pod));
  else if (subresource !== 'status')
    throw new WorkloadError(`updating the subresource "${subresource}" is not supported`);
  const now = api.get(kind, key)!;
  if ('status' in now || 'status' in given) {
    api.replace({ ...now, status: (given as Node).status ?? {} } as KubeObject);
  }
}

/** Everything but the status, and but what only the server may change. */
function withSpec(stored: KubeObject, given: KubeObject): KubeObject {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, namespace } = stored.metadata ?? {};
  const metadata = {
    ...given.metadata,
    uid,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    namespace,
  };
  const updated = { ...given, metadata, status: (stored as Node).status } as KubeObject;
  const { nodeName } = (stored as Pod).spec ?? {};
  if (stored.kind !== 'Pod' || !nodeName) return updated;
  return { ...updated, spec: { ...(given as Pod).spec!, nodeName } } as Pod;
}

function resized(stored: Pod, given: Pod): KubeObject {
  const resources = new Map(given.spec?.containers.map((container) => [container.name, container.resources]));
  const containers = stored.spec!.containers.map((container) => ({
    ...container,
    resources: resources.get(container.name) ?? container.resources,
  }));
  return admitted({ ...stored, spec: { ...stored.spec!, containers } } as Pod);
}
