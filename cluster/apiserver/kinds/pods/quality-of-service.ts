/** The quality-of-service class of a pod. Source: `pkg/apis/core/helper/qos/qos.go` (`ComputePodQOS`), v1.37.2. */
import { type PodSpec, parseQuantity, type ResourceRequirements } from '../../../../api/index.ts';

export type QualityOfService = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** Only these two count. */
const COUNTED = ['cpu', 'memory'] as const;

/** The class of a pod with these containers, their defaults filled in. */
export function qualityOfService(spec: PodSpec): QualityOfService {
  const { requests, limits } = spec.resources ?? {};
  if (requests !== undefined || limits !== undefined) return ofAll([spec.resources!]);
  const containers = spec.initContainers === undefined ? spec.containers : [...spec.containers, ...spec.initContainers];
  return ofAll(containers.map(({ resources = NOTHING }) => resources));
}

const NOTHING: ResourceRequirements = {};

function ofAll(all: readonly ResourceRequirements[]): QualityOfService {
  let isGuaranteed = true;
  let isBestEffort = true;
  for (const { requests, limits } of all) {
    for (const name of COUNTED) {
      const request = positive(requests?.[name]);
      const limit = positive(limits?.[name]);
      if (request !== 0n || limit !== 0n) isBestEffort = false;
      if (limit === 0n || (request !== limit && requests?.[name] !== undefined)) isGuaranteed = false;
    }
  }
  if (isBestEffort) return 'BestEffort';
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

const positive = (text: string | undefined): bigint => (text === undefined ? 0n : parseQuantity(text).nano);
