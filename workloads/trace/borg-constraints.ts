/** Constraints on machine attributes, as Borg's traces have them, in the words of node affinity. */
import type { NodeSelectorRequirement } from '../../api/index.ts';
import { labelValueOf } from './shapes.ts';

/** The order of both traces: 2011 has the first four, 2019 all. */
export const RELATIONS = [
  'EQUAL',
  'NOT_EQUAL',
  'LESS_THAN',
  'GREATER_THAN',
  'LESS_THAN_EQUAL',
  'GREATER_THAN_EQUAL',
  'PRESENT',
  'NOT_PRESENT',
] as const;

export const attributeKey = (name: string): string => `borg.berth.dev/${labelValueOf(name) || 'x'}`;

/** Undefined for a comparison with what is no whole number, which Kubernetes cannot express. */
export function requirementOf(name: string, relation: number, value: string): NodeSelectorRequirement | undefined {
  const key = attributeKey(name);
  const number = Number(value);
  const isWhole = value !== '' && Number.isInteger(number);
  switch (RELATIONS[relation]) {
    case 'EQUAL':
      return value === '' ? { key, operator: 'DoesNotExist' } : { key, operator: 'In', values: [labelValueOf(value)] };
    case 'NOT_EQUAL':
      return value === '' ? { key, operator: 'Exists' } : { key, operator: 'NotIn', values: [labelValueOf(value)] };
    case 'LESS_THAN':
      return isWhole ? { key, operator: 'Lt', values: [String(number)] } : undefined;
    case 'GREATER_THAN':
      return isWhole ? { key, operator: 'Gt', values: [String(number)] } : undefined;
    case 'LESS_THAN_EQUAL':
      return isWhole ? { key, operator: 'Lt', values: [String(number + 1)] } : undefined;
    case 'GREATER_THAN_EQUAL':
      return isWhole ? { key, operator: 'Gt', values: [String(number - 1)] } : undefined;
    case 'PRESENT':
      return { key, operator: 'Exists' };
    case 'NOT_PRESENT':
      return { key, operator: 'DoesNotExist' };
    default:
      return undefined;
  }
}
