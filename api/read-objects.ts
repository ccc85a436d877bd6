/**
 * The door for Kubernetes objects as text: what `kubectl get … -o json` and `-o yaml` write and what people write by
 * hand. JSON may hold several documents one after another, YAML several with `---` between them; lists (`List`,
 * `PodList`, …) are taken apart. Text that begins with `{` is JSON, any other YAML, as kubectl decides it.
 *
 * Cost: one JSON.parse, or one pass of the quick YAML reader; nothing per object but a look at its kind.
 */
import { InputError, type InputLocation } from './errors.ts';
import { goQuote } from './field-error.ts';
import { versionsInstead } from './kinds.ts';
import { isLargeJson, largeJsonDocuments } from './text/large-json.ts';
import { locateField } from './text/locate.ts';
import { isJson, parseDocuments } from './text/parse-documents.ts';
import { positionAt } from './text/position.ts';
import type { KubeObject } from './types.ts';

/** The objects of one file, and where they are in it. */
export interface ObjectFile {
  readonly file: string;
  readonly objects: readonly KubeObject[];
  /** Where a field of the n-th object is written, or what is there of it. Slow: for error messages. */
  locate(index: number, path?: string): InputLocation;
}

/**
 * @param source Text, or the bytes of a file, which may be larger than the longest string.
 * @param file Its name for messages; `-` for standard input.
 * @throws InputError with file, line and column.
 */
export function readObjects(source: string | Uint8Array, file: string): KubeObject[] {
  return readObjectFile(source, file).objects as KubeObject[];
}

/** As `readObjects`, and able to tell where things are. */
export function readObjectFile(source: string | Uint8Array, file: string): ObjectFile {
  const name = file === '-' ? '<stdin>' : file;
  if (typeof source !== 'string' && isLargeJson(source)) {
    const collector = new Collector((path) => ({ file: name, path }));
    for (const document of largeJsonDocuments(source, name)) collector.addDocument(document, true);
    return { file: name, objects: collector.objects, locate: (_, path) => ({ file: name, path }) };
  }
  const text = typeof source === 'string' ? withoutMark(source) : decode(source, name);
  const located = (document: number, path: string, shown = path): InputLocation => {
    const position = positionAt(text, locateField(text, document, path));
    return { file: name, ...position, ...(shown === '' ? {} : { path: shown }) };
  };
  const documents = parseDocuments(text, name);
  let current = 0;
  const collector = new Collector((path) => located(current, path));
  const firstOf: number[] = [];
  for (; current < documents.length; current++) {
    firstOf.push(collector.objects.length);
    collector.addDocument(documents[current], isJson(text));
  }
  return {
    file: name,
    objects: collector.objects,
    locate: (index, path = '') => {
      const document = firstOf.findLastIndex((first) => first <= index);
      const within = collector.pathInDocument(index);
      return located(document, within === '' || path === '' ? within + path : `${within}.${path}`, path);
    },
  };
}

/** Node's longest string is a little under 2^29 characters. */
function decode(bytes: Uint8Array, file: string): string {
  if (bytes.length >= 2 ** 29 - 24) {
    throw new InputError('this much YAML cannot be read; write it as JSON (-o json), or in several files', { file });
  }
  return new TextDecoder().decode(bytes);
}

const withoutMark = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text);

/** Takes documents apart into objects. `located` tells where a path of the current document is. */
class Collector {
  readonly objects: KubeObject[] = [];
  /** For objects out of lists: their place in the document. */
  private readonly paths = new Map<number, string>();
  private readonly located: (path: string) => InputLocation;

  constructor(located: (path: string) => InputLocation) {
    this.located = located;
  }

  pathInDocument(index: number): string {
    return this.paths.get(index) ?? '';
  }

  addDocument(document: unknown, isJsonText: boolean): void {
    // An empty YAML document is none at all.
    if (document === null && !isJsonText) return;
    this.add(document, '');
  }

  private add(value: unknown, path: string, ofList?: { readonly kind?: string; readonly apiVersion?: string }): void {
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
    if (path !== '') this.paths.set(this.objects.length, path);
    this.objects.push(object as KubeObject);
  }

  private addItems(items: unknown[] | null | undefined, kind: string, apiVersion: string, path: string): void {
    // Items of typed lists leave out what the list's own kind says.
    const ofList = kind === 'List' ? undefined : { kind: kind.slice(0, -'List'.length), apiVersion };
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
