/**
 * Events of a simulation from a file: a list of changes to objects, each with its time, as YAML or JSON.
 *
 *   - at: 1m30s                # or ms: 90000
 *     op: create               # create | patch | delete
 *     object: {apiVersion: v1, kind: Pod, …}
 *     lifetime: 5m             # of a pod, once it runs; without it the pod runs until it is deleted
 *
 * Everything that is wrong is an InputError with file, line and column that says what was expected.
 */
import {
  admitPod,
  decodeObject,
  InputError,
  type KubeObject,
  type Pod,
  type PriorityTable,
  validateObject,
} from '../../api/index.ts';
import { locateField } from '../../api/text/locate.ts';
import { parseDocuments } from '../../api/text/parse-documents.ts';
import { positionAt } from '../../api/text/position.ts';
import { KNOWN_KINDS, keyOf, keyOfObject } from './api-model.ts';
import { durationMs } from './attempt-time.ts';
import type { SimulationEvent } from './simulation.ts';

export interface EventsFile {
  readonly events: readonly SimulationEvent[];
  /** UID of a created pod → how long it runs. */
  readonly lifetimesMs: ReadonlyMap<string, number>;
}

export interface EventsFileOptions {
  readonly text: string;
  readonly file: string;
  /** What is there before the first event. */
  readonly initial: Iterable<KubeObject>;
  readonly priorities: PriorityTable;
}

type Fields = Readonly<Record<string, unknown>>;

const FIELDS_OF: Readonly<Record<string, readonly string[]>> = {
  create: ['ms', 'at', 'op', 'object', 'lifetime'],
  patch: ['ms', 'at', 'op', 'kind', 'namespace', 'name', 'patch'],
  delete: ['ms', 'at', 'op', 'kind', 'namespace', 'name', 'graceSeconds'],
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws InputError */
export function readEventsFile(options: EventsFileOptions): EventsFile {
  return new EventsReader(options).read();
}

class EventsReader {
  private readonly options: EventsFileOptions;
  private readonly lifetimesMs = new Map<string, number>();
  /** Kind and key of what may be there → index of the event that created it, −1 for the beginning. */
  private readonly present = new Map<string, number>();
  private readonly deletedBy = new Map<string, number>();
  private root = '';
  private lastMs = 0;

  constructor(options: EventsFileOptions) {
    this.options = options;
    for (const object of options.initial) this.present.set(idOf(object), -1);
  }

  read(): EventsFile {
    const { text, file } = this.options;
    const documents = parseDocuments(text, file).filter((document) => document !== null);
    const [document] = documents;
    if (documents.length > 1) {
      throw new InputError(`one list of events is expected, not ${documents.length} documents`, { file });
    }
    const list = Array.isArray(document) ? document : isFields(document) ? document.events : undefined;
    if (!Array.isArray(list)) {
      throw new InputError('a list of events is expected, each with ms or at, op, and what it is about', { file });
    }
    this.root = Array.isArray(document) ? '' : 'events';
    const events = list.map((entry, index) => this.event(entry, index));
    return { events, lifetimesMs: this.lifetimesMs };
  }

  private event(entry: unknown, index: number): SimulationEvent {
    if (!isFields(entry)) throw this.error(index, '', 'an event is expected: ms or at, op, and what it is about');
    const { op } = entry;
    const fields = typeof op === 'string' ? FIELDS_OF[op] : undefined;
    if (fields === undefined) {
      throw this.error(index, 'op', `${shown(op)}: create, patch or delete is expected`);
    }
    const unknown = Object.keys(entry).find((field) => !fields.includes(field));
    if (unknown !== undefined) {
      throw this.error(index, unknown, `not a field of a ${op} event; it may have ${fields.join(', ')}`);
    }
    const ms = this.time(entry, index);
    if (op === 'create') return { ms, op, object: this.created(entry, index) };
    const { kind, namespace, name } = this.target(entry, index, op as 'patch' | 'delete');
    if (op === 'patch') {
      if (!isFields(entry.patch))
        throw this.error(index, 'patch', `${shown(entry.patch)}: a JSON merge patch is expected`);
      return { ms, op, kind, namespace, name, patch: entry.patch };
    }
    const { graceSeconds } = entry;
    if (graceSeconds !== undefined && !(typeof graceSeconds === 'number' && graceSeconds >= 0)) {
      throw this.error(index, 'graceSeconds', `${shown(graceSeconds)}: seconds, 0 or more, are expected`);
    }
    return { ms, op: 'delete', kind, namespace, name, graceSeconds };
  }

  private time({ ms: given, at }: Fields, index: number): number {
    if ((given === undefined) === (at === undefined)) {
      throw this.error(index, '', 'either ms (milliseconds) or at (a duration such as 1m30s) is expected');
    }
    const field = given === undefined ? 'at' : 'ms';
    const value = given ?? at;
    const ms = typeof value === 'number' ? value : field === 'at' ? durationMs(String(value)) : undefined;
    if (ms === undefined || !Number.isFinite(ms)) {
      const expected = field === 'ms' ? 'a number of milliseconds' : 'a duration such as 1m30s';
      throw this.error(index, field, `${shown(value)}: ${expected} is expected`);
    }
    if (ms < 0) throw this.error(index, field, `${shown(value)}: a time of 0 or later is expected`);
    if (ms < this.lastMs) {
      throw this.error(
        index,
        field,
        `${shown(value)} is before the event above it (${this.lastMs} ms); events are expected in order of time`,
      );
    }
    this.lastMs = ms;
    return ms;
  }

  private created(entry: Fields, index: number): KubeObject {
    const { object: given, lifetime } = entry;
    if (!isFields(given)) throw this.error(index, 'object', `${shown(given)}: a Kubernetes object is expected`);
    const object = given as KubeObject;
    const { kind = '' } = object;
    if (!KNOWN_KINDS.includes(kind)) {
      throw this.error(index, 'object.kind', `${shown(object.kind)}: expected is one of ${KNOWN_KINDS.join(', ')}`);
    }
    const [problem] = [...decodeObject(object), ...validateObject(object)];
    if (problem !== undefined) {
      throw this.error(index, `object.${problem.path}`, problem.text.slice(problem.path.length + 2));
    }
    const id = idOf(object);
    const earlier = this.present.get(id);
    if (earlier !== undefined) {
      throw this.error(
        index,
        'object.metadata.name',
        `${id} is there already (${this.placeOf(earlier)}); a new name is expected`,
      );
    }
    this.present.set(id, index);
    this.deletedBy.delete(id);
    if (kind !== 'Pod') return object;
    return this.admitted(object as Pod, lifetime, index);
  }

  private admitted(given: Pod, lifetime: unknown, index: number): Pod {
    const { pod, error } = admitPod(given, this.options.priorities);
    if (error !== undefined) {
      throw this.error(index, `object.${error.path}`, error.text.slice(error.path.length + 2));
    }
    if (lifetime === undefined) return pod;
    const ms = typeof lifetime === 'number' ? lifetime : durationMs(String(lifetime));
    if (ms === undefined || !(ms >= 0)) {
      throw this.error(index, 'lifetime', `${shown(lifetime)}: a duration of 0 or more, such as 5m, is expected`);
    }
    const uid = pod.metadata?.uid ?? `pod-of-event-${index}`;
    this.lifetimesMs.set(uid, ms);
    return { ...pod, metadata: { ...pod.metadata, uid } };
  }

  private target(
    entry: Fields,
    index: number,
    op: 'patch' | 'delete',
  ): { kind: string; namespace?: string; name: string } {
    const { kind, namespace, name } = entry;
    if (typeof kind !== 'string' || !KNOWN_KINDS.includes(kind)) {
      throw this.error(index, 'kind', `${shown(kind)}: expected is one of ${KNOWN_KINDS.join(', ')}`);
    }
    if (typeof name !== 'string' || name === '')
      throw this.error(index, 'name', `${shown(name)}: the name of the ${kind} is expected`);
    if (namespace !== undefined && typeof namespace !== 'string') {
      throw this.error(index, 'namespace', `${shown(namespace)}: the namespace of the ${kind} is expected`);
    }
    const id = `${kind} ${keyOf(kind, namespace, name)}`;
    const deletedBy = this.deletedBy.get(id);
    if (deletedBy !== undefined) {
      throw this.error(
        index,
        'name',
        `${id} is deleted by an earlier event (${this.placeOf(deletedBy)}); an object that is there is expected`,
      );
    }
    if (!this.present.has(id)) {
      throw this.error(index, 'name', `there is no ${id}: neither at the beginning nor created by an earlier event`);
    }
    if (op === 'delete') {
      this.present.delete(id);
      this.deletedBy.set(id, index);
    }
    return { kind, namespace, name };
  }

  private placeOf(index: number): string {
    if (index < 0) return 'from the beginning';
    const { line } = this.positionOf(index, '');
    return `line ${line}`;
  }

  private pathOf(index: number, field: string): string {
    return `${this.root}[${index}]${field === '' ? '' : `.${field}`}`;
  }

  private positionOf(index: number, field: string) {
    return positionAt(this.options.text, locateField(this.options.text, 0, this.pathOf(index, field)));
  }

  private error(index: number, field: string, message: string): InputError {
    const { file } = this.options;
    const path = `events[${index}]${field === '' ? '' : `.${field}`}`;
    return new InputError(message, { file, ...this.positionOf(index, field), path });
  }
}

const idOf = (object: KubeObject): string => `${object.kind} ${keyOfObject(object)}`;

const shown = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value));
