/** Namespaces, as those see them that put something into each. */
import type { KubeObject } from '../../api/index.ts';
import type { Target } from '../apiserver/client.ts';

export interface Namespace extends KubeObject {
  readonly status?: { readonly phase?: string };
}

export const NAMESPACES: Target = { group: '', version: 'v1', resource: 'namespaces' };

export const isActiveNamespace = (namespace: Namespace | undefined): boolean => namespace?.status?.phase === 'Active';
