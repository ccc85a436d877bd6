/** Pods and nodes of a trace as Kubernetes has them: one place for the rules that all importers share. */
import { type Affinity, InputError, type NodeSelectorRequirement, type PodSpec } from '../../api/index.ts';
import { GPU_MODEL_LABEL, GPU_RESOURCE } from '../openb-objects.ts';
import type { NodePool } from '../trace-folder.ts';
import type { PodShape } from '../workload.ts';
import type { TraceSink } from './model.ts';

/** Where traces do not limit pods per node: the kubelet's default (`maxPods`). */
const PODS_PER_NODE = 110;
export const OWNER_LABEL = 'berth.dev/owner';
const HOSTNAME = 'kubernetes.io/hostname';

export interface PodKind {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  /** Whole devices. */
  readonly gpus?: number;
  /** Of one device, where the trace shares it; stock Kubernetes gives a whole one. */
  readonly gpuMilli?: number;
  /** Allowed GPU models; empty for any. */
  readonly models?: readonly string[];
  /** @default 0 */
  readonly priority?: number;
  readonly preempts?: boolean;
  /** Further resources, by name. */
  readonly others?: Readonly<Record<string, string>>;
  /** At most so many pods of the owner on one node. */
  readonly perNode?: { readonly most: number; readonly owner: string };
  /** At most so many pods of the owner in one rack. */
  readonly perRack?: { readonly most: number; readonly owner: string };
  /** Spread over the domains of these node labels where possible. */
  readonly spread?: { readonly keys: readonly string[]; readonly owner: string };
  readonly requirements?: readonly NodeSelectorRequirement[];
  readonly labels?: Readonly<Record<string, string>>;
  /** On the node of the pod with these labels. */
  readonly beside?: Readonly<Record<string, string>>;
  /** Tells kinds apart that differ in what the name does not say. */
  readonly suffix?: string;
}

/** Beyond what any machine has; within what two numbers in one key can hold. */
const CPU_MILLI_MAX = 2 ** 26 - 1;
const MEMORY_MIB_MAX = 2 ** 27 - 1;
const GPUS_MAX = 2 ** 16;

function checkAmounts(cpuMilli: number, memoryMib: number, gpus: number): void {
  if (!(cpuMilli <= CPU_MILLI_MAX))
    throw new InputError(`${cpuMilli / 1000} cores; at most ${CPU_MILLI_MAX / 1000} are possible`);
  if (!(memoryMib <= MEMORY_MIB_MAX))
    throw new InputError(`${memoryMib} MiB of memory; at most ${MEMORY_MIB_MAX} are possible`);
  if (!(gpus <= GPUS_MAX)) throw new InputError(`${gpus} GPUs; at most ${GPUS_MAX} are possible`);
}

export const RACK_LABEL = 'topology.kubernetes.io/rack';

export function shapeOf(kind: PodKind): PodShape {
  checkAmounts(kind.cpuMilli, kind.memoryMib, kind.gpus ?? 0);
  for (const [name, amount] of Object.entries(kind.others ?? {})) {
    if (!/^\d+[A-Za-z]*$/.test(amount)) throw new InputError(`${amount} of ${name} is more than a quantity can say`);
  }
  const { priority = 0, labels: given, perNode, perRack, spread } = kind;
  const owner = perNode?.owner ?? perRack?.owner ?? spread?.owner;
  const labels = owner === undefined ? given : { [OWNER_LABEL]: labelValueOf(owner), ...given };
  return { name: shapeName(kind, priority, owner), labels, spec: podSpec(kind, priority) };
}

function shapeName(kind: PodKind, priority: number, owner: string | undefined): string {
  const { cpuMilli, memoryMib, gpus = 0, gpuMilli, models = [], others = {}, perNode, perRack, suffix } = kind;
  const parts = [`cpu${cpuMilli}-mem${memoryMib}`];
  if (gpus > 0) parts.push(gpuMilli === undefined ? `gpu${gpus}` : `gpu${gpus}x${gpuMilli}`);
  if (models.length > 0) parts.push(models.join('|'));
  for (const [name, amount] of Object.entries(others)) parts.push(`${name.split('/').at(-1)}${amount}`);
  if (priority !== 0) parts.push(`p${priority}`);
  if (perNode !== undefined) parts.push(`node${perNode.most}`);
  if (perRack !== undefined) parts.push(`rack${perRack.most}`);
  if (owner !== undefined) parts.push(owner);
  if (suffix !== undefined) parts.push(suffix);
  return parts.join('-');
}

function podSpec(kind: PodKind, priority: number): PodSpec {
  const { cpuMilli, memoryMib, gpus = 0, models = [], others = {}, preempts = true } = kind;
  const requests: Record<string, string> = {};
  if (cpuMilli > 0) requests.cpu = `${cpuMilli}m`;
  if (memoryMib > 0) requests.memory = `${memoryMib}Mi`;
  if (gpus > 0) requests[GPU_RESOURCE] = String(gpus);
  Object.assign(requests, others);
  // Extended resources are limited to what they request.
  const limits = Object.fromEntries(Object.entries(requests).filter(([name]) => name.includes('/')));
  const resources = Object.keys(limits).length > 0 ? { requests, limits } : { requests };
  const spec: PodSpec = { priority, containers: [{ name: 'main', resources }] };
  if (!preempts) spec.preemptionPolicy = 'Never';
  const requirements: NodeSelectorRequirement[] = [...(kind.requirements ?? [])];
  if (models.length > 0) requirements.unshift({ key: GPU_MODEL_LABEL, operator: 'In', values: [...models] });
  const affinity = affinityOf(requirements, kind.beside);
  if (affinity !== undefined) spec.affinity = affinity;
  const constraints = spreadConstraints(kind);
  if (constraints.length > 0) spec.topologySpreadConstraints = constraints;
  return spec;
}

function affinityOf(requirements: NodeSelectorRequirement[], beside: PodKind['beside']): Affinity | undefined {
  const affinity: Affinity = {};
  if (requirements.length > 0) {
    affinity.nodeAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: requirements }] },
    };
  }
  if (beside !== undefined) {
    affinity.podAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: HOSTNAME, labelSelector: { matchLabels: { ...beside } } },
      ],
    };
  }
  return requirements.length > 0 || beside !== undefined ? affinity : undefined;
}

/**
 * "At most n on a node" has no field of its own in Kubernetes: a skew of n over hostnames is that limit as long as some
 * eligible node has none.
 */
function spreadConstraints({ perNode, perRack, spread }: PodKind): NonNullable<PodSpec['topologySpreadConstraints']> {
  const one = (
    topologyKey: string,
    maxSkew: number,
    owner: string,
    whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway',
  ) => ({
    maxSkew,
    topologyKey,
    whenUnsatisfiable,
    labelSelector: { matchLabels: { [OWNER_LABEL]: labelValueOf(owner) } },
  });
  const hard: [NonNullable<PodKind['perNode']>, string][] = [];
  if (perNode !== undefined) hard.push([perNode, HOSTNAME]);
  if (perRack !== undefined) hard.push([perRack, RACK_LABEL]);
  return [
    ...hard.map(([{ most, owner }, key]) => one(key, most, owner, 'DoNotSchedule')),
    ...(spread?.keys ?? []).map((key) => one(key, 1, spread!.owner, 'ScheduleAnyway')),
  ];
}

export interface NodeKind {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gpus?: number;
  readonly model?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly others?: Readonly<Record<string, string>>;
  /** Tells pools apart that have the same capacity. */
  readonly suffix?: string;
}

export function poolOf({ cpuMilli, memoryMib, gpus = 0, model, labels, others, suffix }: NodeKind): NodePool {
  checkAmounts(cpuMilli, memoryMib, gpus);
  const parts = [`cpu${cpuMilli}-mem${memoryMib}`];
  if (gpus > 0) parts.push(`gpu${gpus}`);
  if (model !== undefined) parts.push(model);
  if (suffix !== undefined) parts.push(suffix);
  const allocatable: Record<string, string> = {
    cpu: `${cpuMilli}m`,
    memory: `${memoryMib}Mi`,
    pods: String(PODS_PER_NODE),
    ...others,
  };
  if (gpus > 0) allocatable[GPU_RESOURCE] = String(gpus);
  const modelLabel: Record<string, string> = model === undefined ? {} : { [GPU_MODEL_LABEL]: labelValueOf(model) };
  return { name: parts.join('-'), labels: { ...modelLabel, ...labels }, allocatable };
}

/** Text as a name that Kubernetes takes; different texts may become the same name. */
export function nameOf(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/\.(?=[.-])|-(?=\.)/g, '')
    .replace(/^[.-]+|[.-]+$/g, '');
  return name.slice(0, 200) || 'x';
}

/** Text as a label value that Kubernetes takes. */
export function labelValueOf(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 63)
    .replace(/^[._-]+|[._-]+$/g, '');
}

/** Shapes by what makes them, so that a row costs one or two look-ups and no object. */
export class ShapeCache {
  private readonly sink: TraceSink;
  private readonly plain = new Map<number, Map<number, number>>();
  private readonly byKey = new Map<string, number>();

  constructor(sink: TraceSink) {
    this.sink = sink;
  }

  /** Pods that differ in CPU, memory and priority alone; amounts are whole. */
  of(cpuMilli: number, memoryMib: number, priority = 0): number {
    // Priorities of traces lie within ±2³¹, amounts of one pod below 2⁴⁰.
    let shapes = this.plain.get(priority);
    if (shapes === undefined) {
      shapes = new Map();
      this.plain.set(priority, shapes);
    }
    const key = cpuMilli * 2 ** 27 + memoryMib;
    let index = memoryMib <= MEMORY_MIB_MAX ? shapes.get(key) : undefined;
    if (index === undefined) {
      index = this.sink.shape(shapeOf({ cpuMilli, memoryMib, priority }));
      shapes.set(key, index);
    }
    return index;
  }

  /** @param kind Called for a key that is new. */
  keyed(key: string, kind: () => PodKind): number {
    let index = this.byKey.get(key);
    if (index === undefined) {
      index = this.sink.shape(shapeOf(kind()));
      this.byKey.set(key, index);
    }
    return index;
  }
}

/** What rows call the same: names told apart by a number where two texts become one. */
export class Names {
  private readonly texts = new Map<string, string>();
  private readonly taken = new Set<string>();

  of(text: string): string {
    let name = this.texts.get(text);
    if (name === undefined) {
      const plain = nameOf(text);
      name = plain;
      for (let i = 2; this.taken.has(name); i++) name = `${plain}-${i}`;
      this.taken.add(name);
      this.texts.set(text, name);
    }
    return name;
  }
}

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d+))?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/;

/** Seconds since 1970 of `2020-04-01 12:00:00`, with or without zone (then as if UTC); undefined for other text. */
export function timestampSeconds(text: string): number | undefined {
  const match = TIMESTAMP.exec(text.trim());
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const fraction = match[7] === undefined ? 0 : Number(`0.${match[7]}`);
  const zone = /^([+-])(\d\d):?(\d\d)$/.exec(match[8] ?? '');
  const zoneSeconds = zone === null ? 0 : (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 3600 + Number(zone[3]) * 60);
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 + fraction - zoneSeconds;
}

export function wholeMib(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}

/** Amounts that a trace gives as a fraction or with float noise, as whole units of at least 1. */
export function wholeUnits(amount: number): number {
  return Math.max(1, Math.round(amount));
}

export function noFiles(family: string, wanted: string): InputError {
  return new InputError(`${family}: none of the files holds ${wanted}`);
}
