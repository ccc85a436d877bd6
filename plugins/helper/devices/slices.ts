/**
 * The resource slices of the cluster, with the taints that rules put on their devices.
 * Source: `dynamic-resource-allocation/resourceslice/tracker/tracker.go`, v0.37.2.
 *
 * Cost: everything is put together once after a change of slices or rules, and a node's pools once after that.
 */
import type { Device, DeviceTaintRule, Node, ResourceSlice } from '../../../api/index.ts';
import type { ObjectListers } from '../../../scheduler/plugin.ts';
import { gatherPools, type Pool, poolId } from './pools.ts';

interface Sorted {
  readonly byNode: ReadonlyMap<string, readonly ResourceSlice[]>;
  /** Usable on more than one node. */
  readonly shared: readonly ResourceSlice[];
  readonly byPool: ReadonlyMap<string, readonly ResourceSlice[]>;
}

export class DeviceSlices {
  private readonly objects: ObjectListers;
  private sorted: Sorted | undefined;
  /** By node name; what was gathered for a node object that has changed since counts no more. */
  private readonly pools = new Map<string, { readonly node: Node; readonly pools: readonly Pool[] }>();

  constructor(objects: ObjectListers) {
    this.objects = objects;
    const forget = (): void => {
      this.sorted = undefined;
      this.pools.clear();
    };
    objects.resourceSlices.watch(forget);
    objects.deviceTaintRules.watch(forget);
  }

  /** Changes with every change of slices and rules; whoever keeps something made from them can tell by it. */
  get generation(): object {
    return this.current();
  }

  /** Those of the node itself, and those that belong to no node. */
  candidatesFor(node: Node): readonly ResourceSlice[] {
    const { byNode, shared } = this.current();
    return [...(byNode.get(node.metadata?.name ?? '') ?? []), ...shared];
  }

  poolsFor(node: Node): readonly Pool[] {
    const { byPool } = this.current();
    const name = node.metadata?.name ?? '';
    const known = this.pools.get(name);
    if (known?.node === node) return known.pools;
    const pools = gatherPools(this.candidatesFor(node), (id) => byPool.get(id) ?? [], node);
    this.pools.set(name, { node, pools });
    return pools;
  }

  private current(): Sorted {
    this.sorted ??= this.sort();
    return this.sorted;
  }

  private sort(): Sorted {
    const rules = [...this.objects.deviceTaintRules.list()];
    const all = Array.from(this.objects.resourceSlices.list(), (slice) => withTaints(slice, rules));
    const byNode = new Map<string, ResourceSlice[]>();
    const byPool = new Map<string, ResourceSlice[]>();
    const shared: ResourceSlice[] = [];
    for (const slice of all) {
      const { nodeName } = slice.spec;
      if (nodeName) put(byNode, nodeName, slice);
      else shared.push(slice);
      put(byPool, poolId(slice.spec), slice);
    }
    return { byNode, shared, byPool };
  }
}

function put<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** A rule without a selector taints nothing; one that selects by nothing taints everything. */
function withTaints(slice: ResourceSlice, rules: readonly DeviceTaintRule[]): ResourceSlice {
  const { driver, pool } = slice.spec;
  const matching = rules.filter(({ spec }) => {
    const selector = spec?.deviceSelector;
    return selector && (selector.driver ?? driver) === driver && (selector.pool ?? pool.name) === pool.name;
  });
  if (matching.length === 0) return slice;
  const devices = slice.spec.devices?.map((device) => tainted(device, matching));
  return { ...slice, spec: { ...slice.spec, devices } };
}

function tainted(device: Device, rules: readonly DeviceTaintRule[]): Device {
  const taints = rules.flatMap(({ spec }) => {
    const { device: name = device.name } = spec?.deviceSelector ?? {};
    return spec && name === device.name ? [spec.taint] : [];
  });
  return taints.length === 0 ? device : { ...device, taints: [...(device.taints ?? []), ...taints] };
}
