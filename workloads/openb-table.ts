/** The openb workload from the tables that the project ships: works offline, with no file of the trace. */
import type { Node } from '../api/index.ts';
import { nodeOf, shapeOf } from './openb-objects.ts';
import { NODE_POOLS, POD_SHAPES } from './openb-shapes.ts';
import { PodRowsBuilder, type PodShape, type Workload } from './workload.ts';

const digits = (index: number): string => String(index).padStart(4, '0');

/** Pool after pool and shape after shape: whoever runs it draws an order. Names are ours, not those of the trace. */
export function openbTable(): Workload {
  const nodes: Node[] = [];
  for (const [count, cpuMilli, memoryMib, gpus, model] of NODE_POOLS) {
    for (let i = 0; i < count; i++)
      nodes.push(nodeOf(`node-${digits(nodes.length)}`, { cpuMilli, memoryMib, gpus, model }));
  }
  const shapes: PodShape[] = [];
  const rows = new PodRowsBuilder();
  for (const [count, cpuMilli, memoryMib, gpus, gpuMilli, qos] of POD_SHAPES) {
    const shape = shapes.push(shapeOf({ cpuMilli, memoryMib, gpus, gpuMilli, models: [], qos })) - 1;
    for (let i = 0; i < count; i++) rows.add(`pod-${digits(rows.count)}`, shape, rows.count, Infinity);
  }
  return {
    name: 'openb',
    nodes,
    shapes,
    pods: rows.build(),
    hasTimes: false,
    source: { description: 'openb GPU trace, default pod list, as counted in the tables that berth ships', files: [] },
  };
}
