/**
 * Rows of the openb GPU trace as Kubernetes objects; the files and the shipped table share these rules.
 *
 * GPUs are whole devices here, as stock kube-scheduler knows them: a node offers `nvidia.com/gpu: n`, and a pod that the
 * trace lets share a GPU (`gpu_milli` below 1000) takes a whole one. A workload therefore asks for more GPUs than in
 * evaluations that share them; sharing needs a plugin of its own.
 */
import type { Node, PodSpec } from '../api/index.ts';
import type { PodShape } from './workload.ts';

export const GPU_RESOURCE = 'nvidia.com/gpu';
export const GPU_MODEL_LABEL = 'nvidia.com/gpu.product';

/** The trace does not limit pods per node; this is the kubelet's default (`maxPods`). */
const PODS_PER_NODE = 110;

export const QOS_CLASSES = ['LS', 'Guaranteed', 'Burstable', 'BE'] as const;
export type OpenbQos = (typeof QOS_CLASSES)[number];

/** The trace has no priorities: latency-sensitive pods go first and best-effort ones last. */
const PRIORITY_BY_QOS: Readonly<Record<OpenbQos, number>> = { LS: 1000, Guaranteed: 500, Burstable: 500, BE: 0 };

export interface OpenbNode {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gpus: number;
  /** '' for nodes without GPUs. */
  readonly model: string;
}

export interface OpenbPod {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gpus: number;
  /** Of each GPU; 1000 is a whole one, 0 goes with no GPU. */
  readonly gpuMilli: number;
  /** Allowed GPU models, sorted; empty for any. */
  readonly models: readonly string[];
  /** Undefined where the list does not say: priority 0. */
  readonly qos: OpenbQos | undefined;
}

export function nodeOf(name: string, { cpuMilli, memoryMib, gpus, model }: OpenbNode): Node {
  const gpuPart = gpus > 0 ? `-${gpus}x${model}` : '';
  const labels: Record<string, string> = {
    'kubernetes.io/hostname': name,
    'node.kubernetes.io/instance-type': `${cpuMilli / 1000}cpu-${memoryMib / 1024}Gi${gpuPart}`,
  };
  const allocatable: Record<string, string> = {
    cpu: `${cpuMilli}m`,
    memory: `${memoryMib}Mi`,
    pods: String(PODS_PER_NODE),
  };
  if (gpus > 0) {
    labels[GPU_MODEL_LABEL] = model;
    allocatable[GPU_RESOURCE] = String(gpus);
  }
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, status: { allocatable, capacity: allocatable } };
}

/** Equal pods have equal names, so the name is also the key of a shape. */
export function shapeOf(pod: OpenbPod): PodShape {
  const { cpuMilli, memoryMib, gpus, gpuMilli, models, qos } = pod;
  const gpuPart = gpus > 0 ? `-gpu${gpus}x${gpuMilli}` : '';
  const modelPart = models.length > 0 ? `-${models.join('|')}` : '';
  const qosPart = qos === undefined ? '' : `-${qos}`;
  return { name: `cpu${cpuMilli}-mem${memoryMib}${gpuPart}${modelPart}${qosPart}`, spec: podSpec(pod) };
}

function podSpec({ cpuMilli, memoryMib, gpus, models, qos }: OpenbPod): PodSpec {
  const requests: Record<string, string> = { cpu: `${cpuMilli}m`, memory: `${memoryMib}Mi` };
  if (gpus > 0) requests[GPU_RESOURCE] = String(gpus);
  const spec: PodSpec = {
    priority: qos === undefined ? 0 : PRIORITY_BY_QOS[qos],
    containers: [
      { name: 'main', resources: gpus > 0 ? { requests, limits: { [GPU_RESOURCE]: String(gpus) } } : { requests } },
    ],
  };
  if (models.length > 0) {
    spec.affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: GPU_MODEL_LABEL, operator: 'In', values: [...models] }] }],
        },
      },
    };
  }
  return spec;
}
