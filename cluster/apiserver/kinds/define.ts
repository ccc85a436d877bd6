/** Builds the entries of the table of resources. */
import type { Conversion, Resource, StoredKind, Strategy, SubresourceInfo, Verb } from './resource.ts';
import { schemaOf } from './schema/schema.ts';

export const ALL_VERBS: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];
const GET_UPDATE: readonly Verb[] = ['get', 'patch', 'update'];

export interface Definition {
  readonly kind: string;
  readonly resource: string;
  readonly strategy: Strategy;
  /** @default true */
  readonly namespaced?: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly SubresourceInfo[];
  /** @default the resource */
  readonly prefix?: string;
}

/** A kind in the version that is stored. */
export function define(apiVersion: string, definition: Definition): Resource {
  const {
    kind,
    resource,
    strategy,
    namespaced = true,
    shortNames = [],
    categories = [],
    subresources = [],
  } = definition;
  const { group, version } = splitVersion(apiVersion);
  const prefix = definition.prefix ?? resource;
  const stored: StoredKind = { group, resource, apiVersion, kind, namespaced, prefix, strategy };
  const singular = kind.toLowerCase();
  return {
    group,
    version,
    apiVersion,
    resource,
    kind,
    singular,
    shortNames,
    categories,
    namespaced,
    verbs: ALL_VERBS,
    subresources,
    schema: schemaFor(apiVersion, kind),
    stored,
  };
}

/** A resource in another version, kept in the store as the first one is. */
export function alsoIn(first: Resource, apiVersion: string, conversion?: Conversion): Resource {
  const { group, version } = splitVersion(apiVersion);
  const schema = schemaFor(apiVersion, first.kind);
  return {
    ...first,
    group,
    version,
    apiVersion,
    schema,
    conversion: conversion ?? {
      toStored: (object) => ({ ...object, apiVersion: first.apiVersion }),
      fromStored: (object) => ({ ...object, apiVersion }),
    },
  };
}

/** A kind that is answered and not kept. */
export function answered(apiVersion: string, kind: string, resource: string, namespaced: boolean): Resource {
  const { group, version } = splitVersion(apiVersion);
  return {
    group,
    version,
    apiVersion,
    resource,
    kind,
    singular: kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced,
    verbs: ['create'],
    subresources: [],
    schema: schemaFor(apiVersion, kind),
    stored: undefined,
  };
}

export const statusOf = (kind: string): SubresourceInfo => ({ name: 'status', kind, verbs: GET_UPDATE });

export const SCALE: SubresourceInfo = {
  name: 'scale',
  kind: 'Scale',
  group: 'autoscaling',
  version: 'v1',
  verbs: GET_UPDATE,
};

function splitVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

function schemaFor(apiVersion: string, kind: string) {
  const schema = schemaOf(apiVersion, kind);
  if (schema === undefined) throw new Error(`no table of fields for ${kind} in ${apiVersion}`);
  return schema;
}
