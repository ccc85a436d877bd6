/** A workload that a person can follow: two nodes with two GPUs each, one without, and a few pods. */
import type { Node } from '../api/index.ts';
import { PodRowsBuilder, type PodShape, type Workload } from '../workloads/index.ts';

function node(name: string, gpus: number): Node {
  const allocatable: Record<string, string> = { cpu: '8', memory: '16Gi', pods: '10' };
  if (gpus > 0) allocatable['nvidia.com/gpu'] = String(gpus);
  return { metadata: { name, labels: { 'kubernetes.io/hostname': name } }, status: { allocatable } };
}

function shape(name: string, cpu: string, gpus: number, priority: number): PodShape {
  const requests: Record<string, string> = { cpu, memory: '1Gi' };
  if (gpus > 0) requests['nvidia.com/gpu'] = String(gpus);
  return { name, spec: { priority, containers: [{ name: 'main', resources: { requests } }] } };
}

export const SMALL = 0;
export const GPU = 1;
export const GPU_PAIR = 2;
export const URGENT_GPU_PAIR = 3;
export const HUGE = 4;

/** @param shapes One pod per entry, arriving every ten seconds. */
export function tinyWorkload(shapes: readonly number[], hasTimes = true): Workload {
  const rows = new PodRowsBuilder();
  for (const one of shapes) rows.add(`p-${rows.count}`, one, rows.count * 10, Number.POSITIVE_INFINITY);
  return {
    name: 'tiny',
    nodes: [node('gpu-a', 2), node('gpu-b', 2), node('cpu-a', 0)],
    shapes: [
      shape('small', '1', 0, 0),
      shape('gpu', '2', 1, 0),
      shape('gpu-pair', '4', 2, 0),
      shape('urgent-gpu-pair', '4', 2, 100),
      shape('huge', '100', 0, 0),
    ],
    pods: rows.build(),
    hasTimes,
    source: { description: 'made for tests', files: [] },
  };
}
