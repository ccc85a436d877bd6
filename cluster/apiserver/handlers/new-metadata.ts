/** Metadata as the server gives it out. */
import type { KubeObject, ObjectMeta } from '../../../api/index.ts';
import type { Core } from '../core.ts';
import { managersOf, toManagedFields } from '../wire/patch/index.ts';

/** Longer prefixes of generated names are cut (`apiserver/pkg/storage/names/generate.go`, v0.37.2). */
const GENERATED_PREFIX_MAX = 58;

/** `managedFields` may be left out of the type. */
export interface ServerMeta extends ObjectMeta {
  managedFields?: ObjectMeta['managedFields'];
}

/**
 * The object as it is born: with a name, a UID and the time. What a client says of any of the server's own fields is
 * forgotten. All objects get the same fields in the same order, so that reading them stays quick.
 */
export function withNewMetadata(core: Core, object: KubeObject, namespace: string, hasGeneration: boolean): KubeObject {
  const { name, generateName, labels, annotations, ownerReferences, finalizers, managedFields } = (object.metadata ??
    {}) as ServerMeta;
  const metadata: ServerMeta = {
    name: name || generateName ? name || generatedName(core, generateName!) : undefined,
    generateName,
    namespace: namespace === '' ? undefined : namespace,
    uid: core.ids.uid(),
    resourceVersion: undefined,
    generation: hasGeneration ? 1 : undefined,
    creationTimestamp: core.timestamp(),
    labels,
    annotations,
    ownerReferences,
    finalizers,
    managedFields: managedFields && knownManagers(object),
  };
  return { ...object, metadata };
}

/** With what the object says of who manages what, as far as it says it. */
export function withKnownManagers(object: KubeObject): KubeObject {
  if ((object.metadata as ServerMeta | undefined)?.managedFields === undefined) return object;
  return { ...object, metadata: { ...object.metadata, managedFields: knownManagers(object) } } as KubeObject;
}

function knownManagers(object: KubeObject): ServerMeta['managedFields'] {
  const entries = toManagedFields(managersOf(object));
  return entries.length === 0 ? undefined : (entries as ServerMeta['managedFields']);
}

export const generatedName = (core: Core, prefix: string): string =>
  prefix.slice(0, GENERATED_PREFIX_MAX) + core.ids.nameSuffix();
