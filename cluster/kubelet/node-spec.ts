/** The nodes that a pool of kubelets plays. */
import type { Node, ResourceList, Taint } from '../../api/index.ts';

export interface NodeSpec {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly capacity: ResourceList;
  /** @default the capacity */
  readonly allocatable?: ResourceList;
  readonly taints?: readonly Taint[];
  readonly address: string;
  readonly podCidr: string;
}

/** As KWOK's nodes. */
export const DEFAULT_CAPACITY: ResourceList = { cpu: '32', memory: '256Gi', 'ephemeral-storage': '1Ti', pods: '110' };

export interface NodesOptions {
  readonly count: number;
  /** @default node- */
  readonly prefix?: string;
  readonly capacity?: ResourceList;
  /** How many zones the nodes are spread over in turn; 0 for none. @default 0 */
  readonly zones?: number;
}

/** So many nodes alike. */
export function nodeSpecs({
  count,
  prefix = 'node-',
  capacity = DEFAULT_CAPACITY,
  zones = 0,
}: NodesOptions): NodeSpec[] {
  const digits = String(Math.max(count - 1, 0)).length;
  return Array.from({ length: count }, (_, i) => {
    const name = `${prefix}${String(i).padStart(digits, '0')}`;
    const zone: Record<string, string> = zones === 0 ? {} : { 'topology.kubernetes.io/zone': `zone-${i % zones}` };
    return { name, capacity, labels: zone, address: nodeAddress(i), podCidr: podCidr(i, count) };
  });
}

/** Nodes that somebody else described, as kubelets to play. */
export function specsOfNodes(nodes: readonly Node[]): NodeSpec[] {
  return nodes.map(({ metadata, spec, status }, i) => {
    const address = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
    return {
      name: metadata?.name ?? '',
      labels: metadata?.labels,
      annotations: metadata?.annotations,
      capacity: status?.capacity ?? status?.allocatable ?? DEFAULT_CAPACITY,
      allocatable: status?.allocatable,
      taints: spec?.taints,
      address: address ?? nodeAddress(i),
      podCidr: spec?.podCIDR ?? podCidr(i, nodes.length),
    };
  });
}

/** 198.18.0.0/15, which is set aside for benchmarks (RFC 2544): 131,070 nodes. */
function nodeAddress(index: number): string {
  const offset = index + 1;
  return `198.${18 + Math.floor(offset / 65_536)}.${Math.floor(offset / 256) % 256}.${offset % 256}`;
}

/** First and last second byte of private /16 blocks, without 10.96.0.0/12, which is for services. */
const BLOCKS: ReadonlyArray<readonly [first: number, from: number, to: number]> = [
  [10, 0, 95],
  [10, 112, 255],
  [100, 64, 127],
  [172, 16, 31],
];
const BLOCK = 65_536;
const NODES_PER_SIZE_24 = BLOCKS.reduce((sum, [, from, to]) => sum + (to - from + 1), 0) * 256;

/** 256 addresses for each node, or 128 in clusters so large that there are not enough. */
function podCidr(index: number, count: number): string {
  const size = count <= NODES_PER_SIZE_24 ? 256 : 128;
  let offset = index * size;
  for (const [first, from, to] of BLOCKS) {
    const all = (to - from + 1) * BLOCK;
    if (offset < all) {
      const second = from + Math.floor(offset / BLOCK);
      return `${first}.${second}.${Math.floor(offset / 256) % 256}.${offset % 256}/${size === 256 ? 24 : 25}`;
    }
    offset -= all;
  }
  return podCidr(index % (2 * NODES_PER_SIZE_24), count);
}
