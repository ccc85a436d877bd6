/** Defaults and bounds of a namespace's limit ranges. Source: `plugin/pkg/admission/limitranger/admission.go`, v1.37.2. */
import {
  addQuantity,
  aggregate,
  type Container,
  compareQuantity,
  formatQuantity,
  type KubeObject,
  type LimitRangeItem,
  type PersistentVolumeClaim,
  type Pod,
  parseQuantity,
  podRequests,
  type Quantity,
  type ResourceList,
} from '../../../api/index.ts';
import type { Core } from '../core.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';

function itemsOf(core: Core, { metadata }: KubeObject): LimitRangeItem[] {
  const cache = core.cacheOf(core.registry.storedKind('LimitRange'));
  const namespace = metadata?.namespace ?? '';
  if (cache.sizeOf(namespace) === 0) return [];
  const ranges = [...cache.list(namespace)] as Array<{ spec?: { limits?: readonly LimitRangeItem[] } }>;
  return ranges.flatMap(({ spec }) => spec?.limits ?? []);
}

/** Containers get the requests and limits that they leave open. */
export function limitRanged(core: Core, pod: Pod): Pod {
  const items = itemsOf(core, pod).filter(({ type }) => type === 'Container');
  if (items.length === 0 || pod.spec === undefined) return pod;
  const requests: Record<string, string> = {};
  const limits: Record<string, string> = {};
  for (const item of items) {
    for (const name in item.defaultRequest) requests[name] = item.defaultRequest[name]!;
    for (const name in item.default) limits[name] = item.default[name]!;
  }
  const notes: string[] = [];
  const fill = (called: string) => (container: Container) => filled(container, { requests, limits }, called, notes);
  const { containers, initContainers } = pod.spec;
  const spec = {
    ...pod.spec,
    containers: containers.map(fill('container')),
    ...(initContainers && { initContainers: initContainers.map(fill('init container')) }),
  };
  if (notes.length === 0) return pod;
  const annotations = { ...pod.metadata?.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}` };
  return { ...pod, metadata: { ...pod.metadata, annotations }, spec };
}

type Both = { readonly requests: ResourceList; readonly limits: ResourceList };

function filled(container: Container, defaults: Both, called: string, notes: string[]): Container {
  let resources = container.resources ?? {};
  for (const [field, what] of [
    ['requests', 'request'],
    ['limits', 'limit'],
  ] as const) {
    const given = resources[field] ?? {};
    const missing = Object.keys(defaults[field]).filter((name) => given[name] === undefined);
    if (missing.length === 0) continue;
    const added = Object.fromEntries(missing.map((name) => [name, defaults[field][name]!]));
    resources = { ...resources, [field]: { ...given, ...added } };
    notes.push(`${missing.sort().join(', ')} ${what} for ${called} ${container.name}`);
  }
  return resources === container.resources ? container : { ...container, resources };
}

/** Why the object is out of bounds; undefined when it is not. */
export function limitRangeRefusal(core: Core, object: KubeObject): string | undefined {
  const items = itemsOf(core, object);
  if (items.length === 0) return undefined;
  const errors = items.flatMap((item) =>
    object.kind === 'Pod' ? podErrors(object as Pod, item) : claimErrors(object as PersistentVolumeClaim, item),
  );
  return errors.length === 0 ? undefined : aggregate(errors);
}

function podErrors(pod: Pod, item: LimitRangeItem): string[] {
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  if (item.type === 'Container') {
    return [...containers, ...initContainers].flatMap(({ resources = {} }) =>
      boundErrors(item, amounts(resources.requests), amounts(resources.limits)),
    );
  }
  if (item.type !== 'Pod') return [];
  const limits = new Map<string, Quantity>();
  for (const { resources } of containers) {
    for (const [name, quantity] of amounts(resources?.limits)) {
      const sum = limits.get(name);
      limits.set(name, sum === undefined ? quantity : addQuantity(sum, quantity));
    }
  }
  return boundErrors(item, podRequests(pod, { podLevel: true }), limits);
}

function claimErrors(claim: PersistentVolumeClaim, item: LimitRangeItem): string[] {
  if (item.type !== 'PersistentVolumeClaim') return [];
  const { requests, limits } = claim.spec?.resources ?? {};
  return boundErrors(item, amounts(requests as ResourceList), amounts(limits as ResourceList));
}

type Amounts = ReadonlyMap<string, Quantity>;

const amounts = (list: ResourceList | undefined): Amounts =>
  new Map(Object.entries(list ?? {}).map(([name, text]) => [name, parseQuantity(text)]));

function boundErrors(item: LimitRangeItem, requests: Amounts, limits: Amounts): string[] {
  const errors: string[] = [];
  const isOut = (value: Quantity | undefined, bound: Quantity, sign: 1 | -1): value is Quantity =>
    value !== undefined && compareQuantity(value, bound) === sign;
  for (const [name, bound] of amounts(item.min)) {
    const text = `minimum ${name} usage per ${item.type} is ${formatQuantity(bound)}`;
    const request = requests.get(name);
    const limit = limits.get(name);
    if (request === undefined) errors.push(`${text}.  No request is specified`);
    else if (isOut(request, bound, -1)) errors.push(`${text}, but request is ${formatQuantity(request)}`);
    else if (isOut(limit, bound, -1)) errors.push(`${text}, but limit is ${formatQuantity(limit)}`);
  }
  for (const [name, bound] of amounts(item.max)) {
    const text = `maximum ${name} usage per ${item.type} is ${formatQuantity(bound)}`;
    const request = requests.get(name);
    const limit = limits.get(name);
    if (item.type !== 'PersistentVolumeClaim' && limit === undefined) errors.push(`${text}.  No limit is specified`);
    else if (isOut(limit, bound, 1)) errors.push(`${text}, but limit is ${formatQuantity(limit)}`);
    else if (isOut(request, bound, 1)) errors.push(`${text}, but request is ${formatQuantity(request)}`);
  }
  for (const [name, bound] of amounts(item.maxLimitRequestRatio)) {
    const text = `${name} max limit to request ratio per ${item.type} is ${formatQuantity(bound)}`;
    const request = requests.get(name);
    const limit = limits.get(name);
    if (request === undefined || request.nano === 0n)
      errors.push(`${text}, but no request is specified or request is 0`);
    else if (limit === undefined || limit.nano === 0n) errors.push(`${text}, but no limit is specified or limit is 0`);
    else {
      const ratio = Number(limit.nano) / Number(request.nano);
      const allowed = Number(bound.nano) / 1e9;
      if (ratio > allowed) errors.push(`${text}, but provided ratio is ${ratio.toFixed(6)}`);
    }
  }
  return errors;
}
