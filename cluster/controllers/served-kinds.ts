/** What the API serves, as its discovery tells: which resource a kind is, and which resources there are. */
import type { KubeObject } from '../../api/index.ts';
import type { Target } from '../apiserver/client.ts';
import type { OwnerReference } from './types.ts';

export interface ServedKind extends Target {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: ReadonlyArray<{ readonly name: string }>;
}

/** Asked anew each time: kinds come and go with their definitions. */
export type Discover = () => readonly ServedKind[];

export class ServedKinds {
  private readonly discover: Discover;

  constructor(discover: Discover) {
    this.discover = discover;
  }

  ofKind({ apiVersion, kind }: Pick<OwnerReference, 'apiVersion' | 'kind'>): ServedKind | undefined {
    return this.discover().find((served) => served.kind === kind && served.apiVersion === apiVersion);
  }

  /** Every resource once, in the version that comes first, that knows all the verbs. */
  all(...verbs: readonly string[]): ServedKind[] {
    const found = new Map<string, ServedKind>();
    for (const served of this.discover()) {
      const key = `${served.group}/${served.resource}`;
      if (!found.has(key) && verbs.every((verb) => served.verbs.includes(verb))) found.set(key, served);
    }
    return [...found.values()];
  }
}

export const targetOf = (
  { group, version, resource, namespaced }: ServedKind,
  namespace: string,
  name?: string,
): Target => ({ group, version, resource, namespace: namespaced ? namespace : undefined, name });

export const finalizersOf = ({ metadata }: KubeObject): readonly string[] => metadata?.finalizers ?? [];
