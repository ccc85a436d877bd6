/**
 * The number of a DaemonSet's pod template: a field inside upstream, an annotation outside, counted by the server alone.
 * Source: `pkg/registry/apps/daemonset/strategy.go` and `pkg/apis/apps/v1/conversion.go`, v1.37.2.
 */
import type { KubeObject } from '../../../api/index.ts';
import { isSame } from '../../../api/validation/same.ts';
import { keepStatus, type WithStatus, withoutStatus } from './strategy.ts';

const ANNOTATION = 'deprecated.daemonset.template.generation';

const generationOf = ({ metadata }: KubeObject): number => Number(metadata?.annotations?.[ANNOTATION]) || 0;

const templateOf = (object: KubeObject): unknown => ((object as WithStatus).spec as { template?: unknown })?.template;

function withGeneration(object: KubeObject, generation: number): KubeObject {
  const text = String(generation);
  const { metadata } = object;
  if (metadata?.annotations?.[ANNOTATION] === text) return object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata?.annotations, [ANNOTATION]: text } } };
}

export const firstTemplateGeneration = (object: KubeObject): KubeObject =>
  withGeneration(withoutStatus(object), Math.max(1, generationOf(object)));

export function nextTemplateGeneration(object: KubeObject, current: KubeObject): KubeObject {
  const isChanged = !isSame(templateOf(object), templateOf(current));
  return withGeneration(keepStatus(object, current), generationOf(current) + (isChanged ? 1 : 0));
}
