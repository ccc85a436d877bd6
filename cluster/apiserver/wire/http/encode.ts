/**
 * Objects as bytes: as Go writes them, each event once for all that get the same.
 *
 * Cost: 5 us for a pod with one container. What has just been answered is not written again for its event.
 */
import type { KubeObject } from '../../../../api/index.ts';
import type { ApiWatchEvent, ObjectList } from '../../client.ts';
import type { Resource } from '../../kinds/resource.ts';
import { asWritten } from '../../kinds/schema/as-written.ts';
import { type StructSchema, schemaOf } from '../../kinds/schema/schema.ts';
import type { Json } from '../patch/index.ts';
import { Recent } from './recent.ts';

/** Texts of objects that have been answered, whose events follow. */
const answered = new Recent<object, string>(256);
/** Lines of watches, for watchers that are not quite as far as others. */
const told = new Recent<ApiWatchEvent, Buffer>(512);
/** Longer ones are not kept: both hold 25 MB at most. */
const KEPT_CHARACTERS_MAX = 16 * 1024;

/** Of what a resource or one of its subresources answers; the object says what it is. */
export function objectText(resource: Resource, object: object): string {
  const text = JSON.stringify(written(resource, object));
  if (text.length <= KEPT_CHARACTERS_MAX) answered.set(object, text);
  return text;
}

export function written(resource: Resource, object: object): object {
  const { kind, apiVersion } = object as KubeObject;
  const isOwn = kind === resource.kind && apiVersion === resource.apiVersion;
  const schema = isOwn ? resource.schema : schemaOf(apiVersion ?? '', kind ?? '');
  return schema === undefined || kind === 'Status' ? object : inOrder(asWritten(object, schema));
}

/** Kind, version and metadata first, for whoever reads along. */
function inOrder(object: object): object {
  const { kind, apiVersion, metadata, ...rest } = object as Json;
  return { kind, apiVersion, metadata, ...rest };
}

/** Items of lists do not say what they are. */
export function itemText(schema: StructSchema, item: KubeObject): string {
  const { kind: _, apiVersion: __, metadata, ...rest } = asWritten(item, schema) as Json;
  return JSON.stringify({ metadata, ...rest });
}

export const listHead = ({ kind, apiVersion, metadata }: ObjectList): string =>
  `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(metadata)},"items":[`;

const NEW_LINE = '\n';

/** Whatever its length: those who keep up are told of it now. */
let lastEvent: ApiWatchEvent | undefined;
let lastBytes: Buffer | undefined;

/** A line of a watch. Costs one serialisation however many watchers there are. */
export function eventBytes(resource: Resource, event: ApiWatchEvent): Buffer {
  if (event === lastEvent) return lastBytes!;
  let bytes = told.get(event);
  if (bytes === undefined) {
    const { type, object } = event;
    const text = answered.get(object) ?? JSON.stringify(written(resource, object));
    bytes = Buffer.from(eventText(type, text));
    if (bytes.length <= KEPT_CHARACTERS_MAX) told.set(event, bytes);
  }
  lastEvent = event;
  lastBytes = bytes;
  return bytes;
}

export const eventText = (type: string, object: string): string => `{"type":"${type}","object":${object}}${NEW_LINE}`;
