/** Finds what is served by group, version and resource. */
import type { ResourceRef } from '../client.ts';
import type { Resource, StoredKind } from './resource.ts';

export class Registry {
  readonly resources: readonly Resource[];
  /** Every kind that the store keeps, once. */
  readonly storedKinds: readonly StoredKind[];
  /** `v1`, `apps/v1`, … in the order in which they are listed. */
  readonly groupVersions: readonly string[];
  /** By name, which few share. */
  private readonly byName = new Map<string, Resource[]>();
  private readonly byKind = new Map<string, StoredKind>();

  constructor(resources: readonly Resource[]) {
    this.resources = resources;
    this.groupVersions = [...new Set(resources.map(({ apiVersion }) => apiVersion))];
    for (const resource of resources) {
      const namesakes = this.byName.get(resource.resource);
      if (namesakes === undefined) this.byName.set(resource.resource, [resource]);
      else namesakes.push(resource);
    }
    this.storedKinds = [...new Set(resources.flatMap(({ stored }) => stored ?? []))];
    for (const stored of this.storedKinds) this.byKind.set(stored.kind, stored);
  }

  find({ group, version, resource }: ResourceRef): Resource | undefined {
    for (const each of this.byName.get(resource) ?? []) {
      if (each.group === group && each.version === version) return each;
    }
    return undefined;
  }

  /** Of a kind that is known to be served. */
  storedKind(kind: string): StoredKind {
    const stored = this.byKind.get(kind);
    if (stored === undefined) throw new Error(`kind ${kind} is not served`);
    return stored;
  }

  /** For an object as it is written in a manifest. */
  ofKind(apiVersion: string, kind: string): Resource | undefined {
    return this.resources.find((resource) => resource.apiVersion === apiVersion && resource.kind === kind);
  }
}
