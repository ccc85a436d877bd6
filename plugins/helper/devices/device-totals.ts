/**
 * How many devices of a class a node has, and how many of these are taken: what scoring counts for an extended resource
 * that devices serve. Source: `calculateDRAResourceTotals` in `plugins/noderesources/resource_allocation.go`, v1.37.2.
 *
 * Cost: per node the devices of the class; which these are is found out once per change of slices.
 */
import type { Device, DeviceClass, Node, ResourceSlice } from '../../../api/index.ts';
import type { ClusterView } from '../../../scheduler/plugin.ts';
import { type DeviceState, deviceStateOf } from './device-state.ts';
import { matcherOf } from './node-matching.ts';
import { deviceId } from './pools.ts';
import { expressionMatches } from './selector.ts';

interface Columns {
  readonly allocatable: Float64Array;
  readonly requested: Float64Array;
}

/** The columns of a resource, with devices where the node itself has none; undefined when no class serves the resource. */
export function deviceColumns(resource: string, cluster: ClusterView): Columns | undefined {
  const state = deviceStateOf(cluster);
  const deviceClass = state.classOfResource.get(resource);
  if (deviceClass === undefined) return undefined;
  const { rowCount, nodeCount, order } = cluster;
  const allocatable = cluster.scalarAllocatable(resource)?.slice() ?? new Float64Array(rowCount);
  const requested = cluster.scalarRequested(resource)?.slice() ?? new Float64Array(rowCount);
  const { allocated } = state.claims;
  for (let i = 0; i < nodeCount; i++) {
    const row = order[i]!;
    if (allocatable[row] !== 0) continue;
    const devices = devicesOfClass(deviceClass, cluster.node(row), state);
    if (devices.length === 0) continue;
    let taken = 0;
    for (const id of devices) if (allocated.isTaken(id) || allocated.isShared(id)) taken++;
    allocatable[row] = devices.length;
    requested[row] = taken;
  }
  return { allocatable, requested };
}

interface OnNode {
  readonly node: Node;
  readonly ids: readonly string[];
}

/** By generation of slices, class and node name. */
const known = new WeakMap<object, WeakMap<DeviceClass, Map<string, OnNode>>>();

function devicesOfClass(deviceClass: DeviceClass, node: Node, state: DeviceState): readonly string[] {
  const { generation } = state.slices;
  const byClass = known.get(generation) ?? new WeakMap<DeviceClass, Map<string, OnNode>>();
  known.set(generation, byClass);
  const byNode = byClass.get(deviceClass) ?? new Map<string, OnNode>();
  byClass.set(deviceClass, byNode);
  const name = node.metadata?.name ?? '';
  const before = byNode.get(name);
  if (before?.node === node) return before.ids;
  const ids = idsOf(deviceClass, node, state);
  byNode.set(name, { node, ids });
  return ids;
}

/** As upstream: nothing about generations or completeness of pools, and where a selector fails there are no devices. */
function idsOf(deviceClass: DeviceClass, node: Node, { slices }: DeviceState): string[] {
  try {
    return slices.candidatesFor(node).flatMap((slice) => {
      const { driver, pool } = slice.spec;
      const ofClass = devicesOn(node, slice).filter((device) => isOfClass(device, driver, deviceClass));
      return ofClass.map(({ name }) => deviceId(driver, pool.name, name));
    });
  } catch {
    return [];
  }
}

const NO_DEVICES: readonly Device[] = [];

function devicesOn(node: Node, { spec }: ResourceSlice): readonly Device[] {
  const name = node.metadata?.name ?? '';
  const { devices = NO_DEVICES, perDeviceNodeSelection, allNodes, nodeName, nodeSelector } = spec;
  if (perDeviceNodeSelection === true) return devices.filter((device) => isOn(node, name, device));
  if (allNodes === true || nodeName === name) return devices;
  if (nodeSelector !== undefined) return matcherOf(nodeSelector).matches(node) ? devices : NO_DEVICES;
  return nodeName ? NO_DEVICES : devices;
}

function isOn(node: Node, name: string, { allNodes, nodeName, nodeSelector }: Device): boolean {
  if (allNodes === true || (nodeName !== undefined && nodeName === name)) return true;
  return !nodeName && nodeSelector !== undefined && matcherOf(nodeSelector).matches(node);
}

const isOfClass = (device: Device, driver: string, { spec }: DeviceClass): boolean =>
  (spec?.selectors ?? []).every(
    ({ cel }) =>
      cel === undefined || expressionMatches(cel.expression, { driver, device, id: device.name }, () => 'class'),
  );
