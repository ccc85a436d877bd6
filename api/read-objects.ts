/**
 * The door for Kubernetes objects as text: what `kubectl get … -o json` and `-o yaml` write and what people write by
 * hand. JSON may hold several documents one after another, YAML several with `---` between them; lists (`List`,
 * `PodList`, …) are taken apart. Text that begins with `{` is JSON, any other YAML, as kubectl decides it.
 *
 * Objects out of long JSON share parts that are equal (`text/json-batch.ts`): what is inside must not be changed.
 *
 * Cost: one pass over the text, and nothing per object but a look at its kind.
 */
import { InputError, type InputLocation } from './errors.ts';
import { goQuote } from './field-error.ts';
import { versionsInstead } from './kinds.ts';
import { type ByteSource, placeIn, placeInSource, readJsonStream } from './text/json-stream.ts';
import { locateField } from './text/locate.ts';
import { isJson, parseDocuments } from './text/parse-documents.ts';
import { positionAt } from './text/position.ts';
import type { KubeObject } from './types.ts';

export type { ByteSource };

/** The objects of one file, and where they are in it. */
export interface ObjectFile {
  readonly file: string;
  readonly objects: readonly KubeObject[];
  /** Where a field of the n-th object is written, or what is there of it. Slow: for error messages. */
  locate(index: number, path?: string): InputLocation;
}

/** Longer JSON is read item by item. */
const WHOLE_BYTES_MAX = 1 << 20;

/**
 * @param source Text, bytes, or where bytes come from.
 * @param file Its name for messages; `-` for standard input.
 * @throws InputError with file, line and column.
 */
export function readObjects(source: string | Uint8Array | ByteSource, file: string): KubeObject[] {
  return readObjectFile(source, file).objects as KubeObject[];
}

/** As `readObjects`, and able to tell where things are. */
export function readObjectFile(source: string | Uint8Array | ByteSource, file: string): ObjectFile {
  const name = file === '-' ? '<stdin>' : file;
  if (typeof source === 'string') return readText(withoutMark(source), name);
  const [bytes, rest] = source instanceof Uint8Array ? [bufferOf(source), undefined] : beginningOf(source);
  if (rest === undefined && (bytes.length <= WHOLE_BYTES_MAX || !isStreamed(bytes)))
    return readText(decode(bytes, name), name);
  if (rest !== undefined && !isStreamed(bytes)) return readText(decode(allOf(bytes, rest), name), name);
  const objects: KubeObject[] = [];
  const offsets: number[] = [];
  const long = rest ?? bytes;
  streamObjects(long, file, (object, offset) => {
    objects.push(object);
    offsets.push(offset);
  });
  return {
    file: name,
    objects,
    locate: (index, path) => ({ file: name, ...placeOf(long, offsets[index]!, path), path }),
  };
}

/**
 * JSON objects one after another, without keeping them: documents, JSON lines and the items of lists. `take` hears of each
 * with its offset in bytes.
 *
 * @throws InputError with file, line and column.
 */
export function streamObjects(
  source: Uint8Array | ByteSource,
  file: string,
  take: (object: KubeObject, offset: number) => void,
): void {
  const name = file === '-' ? '<stdin>' : file;
  const bytes = source instanceof Uint8Array ? bufferOf(source) : source;
  let offset = 0;
  const collector = new Collector(
    (path) => ({ file: name, ...placeOf(bytes, offset, path), path: path === '' ? undefined : path }),
    (object) => take(object, offset),
  );
  // Items that leave out their kind, before the list has said its own.
  let waiting: Array<readonly [item: unknown, offset: number]> = [];
  let kind: ListKind | undefined;
  readJsonStream(bytes, name, {
    document: (value, at) => {
      offset = at;
      collector.addDocument(value, true);
    },
    item: (value, at, list) => {
      kind ??= typeof list.kind === 'string' ? listKindOf(list.kind, list.apiVersion) : undefined;
      offset = at;
      if (kind !== undefined || hasKind(value)) collector.addItem(value, kind);
      else waiting.push([value, at]);
    },
    listEnd: (list, at) => {
      offset = at;
      // Says what is wrong with the list itself, too.
      collector.addDocument({ ...list, items: list.items ?? [] }, true);
      const ofList = listKindOf(list.kind as string, list.apiVersion);
      for (const [item, itemOffset] of waiting) {
        offset = itemOffset;
        collector.addItem(item, ofList);
      }
      waiting = [];
      kind = undefined;
    },
  });
}

const hasKind = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (value as KubeObject).kind !== undefined;

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Begins like a document in JSON, and has no `---` lines, which would make YAML of it. */
const isStreamed = (bytes: Buffer): boolean =>
  /^[\ufeff\s]*\{/.test(bytes.toString('utf8', 0, 256)) && !bytes.includes('\n---');

/** The first bytes; all of them, where the source has no more. Otherwise the source, able to give them again. */
function beginningOf(source: ByteSource): [Buffer, ByteSource | undefined] {
  const begin = Buffer.allocUnsafe(WHOLE_BYTES_MAX + 1);
  let length = 0;
  for (let read = 1; read > 0 && length < begin.length; length += read)
    read = source.read(begin.subarray(length), length);
  const bytes = begin.subarray(0, length);
  if (length < begin.length) return [bytes, undefined];
  const again: ByteSource = {
    isSeekable: source.isSeekable,
    read: (into, offset) => {
      if (offset >= length || source.isSeekable) return source.read(into, offset);
      return bytes.copy(into, 0, offset);
    },
  };
  return [bytes, again];
}

function allOf(begin: Buffer, source: ByteSource): Buffer {
  const parts = [begin];
  for (let offset = begin.length; ; ) {
    const part = Buffer.allocUnsafe(1 << 24);
    const read = source.read(part, offset);
    if (read === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, read));
    offset += read;
  }
}

/** Of a field of the object that begins at an offset. */
function placeOf(source: Buffer | ByteSource, offset: number, path = ''): InputLocation {
  const text = Buffer.isBuffer(source) ? objectText(source, offset) : objectText(bytesFrom(source, offset), 0);
  const at = offset + Buffer.byteLength(text.slice(0, locateField(text, 0, path)));
  return Buffer.isBuffer(source) ? placeIn(source, at) : placeInSource(source, at);
}

/** Objects are shorter than etcd's limit. */
const OBJECT_BYTES_MAX = 1 << 22;
const objectText = (bytes: Buffer, offset: number): string => bytes.toString('utf8', offset, offset + OBJECT_BYTES_MAX);

function bytesFrom(source: ByteSource, offset: number): Buffer {
  const bytes = Buffer.alloc(OBJECT_BYTES_MAX);
  return source.isSeekable ? bytes.subarray(0, source.read(bytes, offset)) : Buffer.alloc(0);
}

function readText(text: string, name: string): ObjectFile {
  const located = (document: number, path: string, shown = path): InputLocation => {
    const position = positionAt(text, locateField(text, document, path));
    return { file: name, ...position, ...(shown === '' ? {} : { path: shown }) };
  };
  const documents = parseDocuments(text, name);
  let current = 0;
  const objects: KubeObject[] = [];
  const collector = new Collector(
    (path) => located(current, path),
    (object) => objects.push(object),
  );
  const firstOf: number[] = [];
  for (; current < documents.length; current++) {
    firstOf.push(objects.length);
    collector.addDocument(documents[current], isJson(text));
  }
  return {
    file: name,
    objects,
    locate: (index, path = '') => {
      const document = firstOf.findLastIndex((first) => first <= index);
      const within = collector.pathInDocument(index);
      return located(document, within === '' || path === '' ? within + path : `${within}.${path}`, path);
    },
  };
}

/** Node's longest string is a little under 2^29 characters. */
function decode(bytes: Buffer, file: string): string {
  if (bytes.length >= 2 ** 29 - 24) {
    throw new InputError('this much YAML cannot be read; write it as JSON (-o json), or in several files', { file });
  }
  return withoutMark(bytes.toString('utf8'));
}

const withoutMark = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text);

interface ListKind {
  readonly kind: string;
  readonly apiVersion: string;
}

/** What items of a typed list are, which leave out what the list's own kind says. */
const listKindOf = (kind: string, apiVersion: unknown): ListKind | undefined =>
  kind === 'List' ? undefined : { kind: kind.slice(0, -'List'.length), apiVersion: String(apiVersion ?? '') };

/** Takes documents apart into objects. `located` tells where a path of the current document is. */
class Collector {
  private count = 0;
  /** For objects out of lists: their place in the document. */
  private readonly paths = new Map<number, string>();
  private readonly located: (path: string) => InputLocation;
  private readonly take: (object: KubeObject) => void;

  constructor(located: (path: string) => InputLocation, take: (object: KubeObject) => void) {
    this.located = located;
    this.take = take;
  }

  pathInDocument(index: number): string {
    return this.paths.get(index) ?? '';
  }

  addDocument(document: unknown, isJsonText: boolean): void {
    // An empty YAML document is none at all.
    if (document === null && !isJsonText) return;
    this.add(document, '');
  }

  /** An item of a list whose other fields somebody else looks at. */
  addItem(item: unknown, ofList: ListKind | undefined): void {
    this.add(item, '', ofList);
  }

  private add(value: unknown, path: string, ofList?: ListKind): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InputError(`a Kubernetes object is expected here, not ${nameOf(value)}`, this.located(path));
    }
    const object = value as { kind?: unknown; apiVersion?: unknown; items?: unknown };
    object.kind ??= ofList?.kind;
    object.apiVersion ??= ofList?.apiVersion;
    const at = (field: string): string => (path === '' ? field : `${path}.${field}`);
    const kind = this.text(object.kind, at('kind'), 'name the kind of the object, such as Pod');
    const apiVersion = this.text(object.apiVersion, at('apiVersion'), `name the API version of this ${kind}`);
    if (kind.endsWith('List') && (Array.isArray(object.items) || (object.items ?? null) === null)) {
      this.addItems(object.items as unknown[] | null | undefined, kind, apiVersion, at('items'));
      return;
    }
    const instead = versionsInstead(kind, apiVersion);
    if (instead !== undefined) {
      const supported = instead.map(goQuote).join(', ');
      throw new InputError(
        `Unsupported value: ${goQuote(apiVersion)}: kind ${kind} is read as ${supported}`,
        this.located(at('apiVersion')),
      );
    }
    if (path !== '') this.paths.set(this.count, path);
    this.count++;
    this.take(object as KubeObject);
  }

  private addItems(items: unknown[] | null | undefined, kind: string, apiVersion: string, path: string): void {
    const ofList = listKindOf(kind, apiVersion);
    items?.forEach((item, i) => {
      this.add(item, `${path}[${i}]`, ofList);
    });
  }

  private text(value: unknown, path: string, right: string): string {
    if (typeof value === 'string' && value !== '') return value;
    if (value === undefined || value === null || value === '') {
      throw new InputError(`Required value: ${right}`, this.located(path));
    }
    throw new InputError(`Invalid value: ${JSON.stringify(value)}: must be a string`, this.located(path));
  }
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? `the text ${goQuote(value)}` : `the ${typeof value} ${value}`;
}
