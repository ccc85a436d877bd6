/**
 * Whether a node takes a pod that was bound to it. Source: `pkg/kubelet/lifecycle/predicate.go`,
 * `pkg/kubelet/eviction/eviction_manager.go` (`Admit`) and `AdmissionCheck` of `pkg/scheduler/eventhandlers.go`, v1.37.2.
 */
import {
  compileRequiredNodeAffinity,
  cpuMilliOf,
  firstUntoleratedTaint,
  hostPorts,
  isScalarResourceName,
  type Node,
  type Pod,
  podRequests,
  quantityMilliValue,
  quantityValue,
  wholeUnitsOf,
} from '../../api/index.ts';

export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/** Resource name → millicores, bytes, or units. */
export type Amounts = ReadonlyMap<string, number>;

export interface NodeUse {
  readonly pods: number;
  readonly requested: Amounts;
  /** The pods that are there. */
  active(): Iterable<Pod>;
}

const PODS = 'pods';
const COUNTED = ['cpu', 'memory', 'ephemeral-storage'];

const requestsByContainers = new WeakMap<object, Amounts>();

/** What a pod asks for; those of one template are added up once. */
export function requestsOf(pod: Pod): Amounts {
  const spec = pod.spec!;
  const isPlain = spec.initContainers === undefined && spec.overhead === undefined && spec.resources === undefined;
  const known = isPlain ? requestsByContainers.get(spec.containers) : undefined;
  if (known !== undefined) return known;
  const amounts = new Map<string, number>();
  for (const [name, quantity] of podRequests(pod, { podLevel: true })) {
    amounts.set(name, name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity));
  }
  if (isPlain) requestsByContainers.set(spec.containers, amounts);
  return amounts;
}

export const amountOf = (name: string, text: string | undefined): number =>
  text === undefined ? 0 : name === 'cpu' ? cpuMilliOf(text) : wholeUnitsOf(text);

export function rejectionOf(pod: Pod, node: Node, use: NodeUse): Rejection | undefined {
  const os = pod.spec?.os?.name;
  if (os !== undefined && os !== 'linux') {
    return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
  }
  return (
    resourceRejection(pod, node, use) ??
    affinityRejection(pod, node) ??
    portRejection(pod, use) ??
    taintRejection(pod, node)
  );
}

function resourceRejection(pod: Pod, node: Node, { pods, requested }: NodeUse): Rejection | undefined {
  const allocatable = node.status?.allocatable ?? {};
  const capacityOf = (name: string): number => amountOf(name, allocatable[name]);
  if (pods + 1 > capacityOf(PODS)) return insufficient(PODS, 1, pods, capacityOf(PODS));
  const wanted = requestsOf(pod);
  for (const [name, amount] of ordered(wanted)) {
    if (amount === 0) continue;
    // Resources that the node does not know are somebody else's.
    if (allocatable[name] === undefined && !COUNTED.includes(name)) continue;
    if (!COUNTED.includes(name) && !isScalarResourceName(name)) continue;
    const used = requested.get(name) ?? 0;
    if (amount > capacityOf(name) - used) return insufficient(name, amount, used, capacityOf(name));
  }
  return undefined;
}

/** Processors, memory and disk first. */
function ordered(amounts: Amounts): Array<[string, number]> {
  const rank = (name: string): number => (COUNTED.includes(name) ? COUNTED.indexOf(name) : COUNTED.length);
  return [...amounts].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

const insufficient = (name: string, requested: number, used: number, capacity: number): Rejection => ({
  reason: `OutOf${name}`,
  message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
});

const predicate = (name: string, why: string): Rejection => ({
  reason: name,
  message: `Predicate ${name} failed: ${why}`,
});

function affinityRejection(pod: Pod, node: Node): Rejection | undefined {
  const matcher = compileRequiredNodeAffinity(pod.spec!);
  if (matcher === undefined || matcher.matches(node)) return undefined;
  return predicate('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
}

function portRejection(pod: Pod, use: NodeUse): Rejection | undefined {
  const wanted = hostPorts(pod.spec!);
  if (wanted.length === 0) return undefined;
  const isAny = (ip: string): boolean => ip === '0.0.0.0' || ip === '::';
  for (const other of use.active()) {
    for (const { ip, protocol, port } of hostPorts(other.spec!)) {
      const isTaken = wanted.some(
        (want) => want.port === port && want.protocol === protocol && (want.ip === ip || isAny(want.ip) || isAny(ip)),
      );
      if (isTaken) return predicate('NodePorts', "node(s) didn't have free ports for the requested pod ports");
    }
  }
  return undefined;
}

function taintRejection(pod: Pod, node: Node): Rejection | undefined {
  const taints = node.spec?.taints ?? [];
  if (taints.length === 0) return undefined;
  const taint = firstUntoleratedTaint(taints, pod.spec?.tolerations ?? [], ({ effect }) => effect === 'NoExecute');
  if (taint === undefined) return undefined;
  return predicate('TaintToleration', "node(s) had taints that the pod didn't tolerate");
}
