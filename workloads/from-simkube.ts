/**
 * SimKube's trace as JSON (`msgpack2json -di`, or `skctl` exports), versions 2 and 3: events with the objects that were applied and
 * deleted, and an index of the lifecycles of their pods. Source: SimKube's documentation, docs/ref/trace-files.md.
 */
import { InputError, type InputLocation, type ObjectMeta, type PodSpec } from '../api/index.ts';
import { ByteSource } from './trace/byte-source.ts';
import type { ImportContext, TraceFamily, TraceSink } from './trace/model.ts';
import { PodTemplates } from './trace/pod-templates.ts';
import { located, reading } from './trace/refusals.ts';
import { nameOf } from './trace/shapes.ts';

interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec?: Readonly<Record<string, unknown>>;
}

interface TraceEvent {
  readonly ts: number;
  readonly applied_objs?: readonly KubeObject[];
  readonly deleted_objs?: readonly KubeObject[];
}

interface SimKubeTrace {
  readonly version: number;
  readonly events: readonly TraceEvent[];
  readonly index?: Readonly<Record<string, unknown>>;
}

interface PodTemplate {
  readonly metadata?: ObjectMeta;
  readonly spec?: PodSpec;
}

const VERSIONS = [2, 3];
const REPLICAS_MAX = 1_000_000;

export const simkubeFamily: TraceFamily = {
  name: 'simkube',
  title: 'SimKube trace',
  tables: [
    {
      name: 'trace',
      looks: 'JSON with version, config, events and index',
      is: ({ lines }) =>
        /^\s*\{/.test(lines[0] ?? '') &&
        /"events"/.test(lines.join('\n')) &&
        /"(version|config|index)"/.test(lines.join('\n')),
    },
  ],
  mapping:
    'object with a pod template → as many pods as replicas (parallelism of a Job), owned by it, arriving when it was applied; scaled up → further pods, scaled down or deleted → the youngest end; lifecycles in the index → lifetimes in their order; nodes are not in the file',
  sources: [
    {
      what: 'your own trace',
      where: 'skctl export, then msgpack2json -di (github.com/acrlabs/simkube)',
      licence: 'yours',
    },
  ],
  hasOwners: true,
  mayBeClockTimes: true,
  read,
};

interface Running {
  readonly name: string;
  readonly shape: number;
  readonly arrival: number;
  /** Undefined when the trace does not say. */
  readonly lifetime: number | undefined;
}

async function read({ of, sink, tally }: ImportContext): Promise<void> {
  const templates = new PodTemplates(sink);
  for (const file of of('trace')) {
    const source = new ByteSource(file);
    tally.begin('trace', source.name);
    const chunks: Uint8Array[] = [];
    for await (const chunk of source) chunks.push(Uint8Array.from(chunk));
    const trace = parseTrace(Buffer.concat(chunks).toString('utf8'), source.name);
    const owners = new Owners(sink, templates, trace);
    for (const [index, { ts, applied_objs = [], deleted_objs = [] }] of trace.events.entries()) {
      for (const [which, object] of applied_objs.entries()) {
        tally.row();
        try {
          const at = { file: source.name, path: `events[${index}].applied_objs[${which}].spec` };
          if (!reading(at, () => owners.apply(object, ts, at)))
            tally.passOver(`a ${object.kind} without a pod template`);
        } catch (error) {
          tally.refuse(located(error, source.name, 1));
        }
      }
      for (const object of deleted_objs) {
        tally.row();
        if (!reading({ file: source.name, path: `events[${index}].deleted_objs` }, () => owners.delete(object, ts)))
          tally.passOver('a deletion of what was not applied');
      }
    }
    owners.finish();
    tally.end(source.source());
  }
}

/** Objects that own pods, and the pods that they have now. */
class Owners {
  private readonly sink: TraceSink;
  private readonly templates: PodTemplates;
  private readonly trace: SimKubeTrace;
  private readonly running = new Map<string, Running[]>();
  private readonly made = new Map<string, number>();

  constructor(sink: TraceSink, templates: PodTemplates, trace: SimKubeTrace) {
    this.sink = sink;
    this.templates = templates;
    this.trace = trace;
  }

  /** False for an object that has no pods. */
  apply(object: KubeObject, ts: number, at: InputLocation): boolean {
    const template = templateOf(object);
    if (template === undefined) return false;
    if (template.spec === undefined) throw new InputError('a pod template with a spec is expected', at);
    const owner = ownerName(object);
    const running = this.running.get(owner) ?? [];
    this.running.set(owner, running);
    const shape = this.templates.of(owner, template.metadata?.labels, template.spec);
    const lifetimes = lifetimesOf(this.trace, object, ts);
    const wanted = replicasOf(object);
    for (let i = 0; running.length < wanted; i++) {
      const number = this.made.get(owner) ?? 0;
      this.made.set(owner, number + 1);
      running.push({ name: `${owner}-${number}`, shape, arrival: ts, lifetime: lifetimes[i] });
    }
    while (running.length > wanted) this.end(owner, running.pop()!, ts);
    return true;
  }

  /** False for an object that is not known. */
  delete(object: KubeObject, ts: number): boolean {
    const owner = ownerName(object);
    const running = this.running.get(owner);
    for (const pod of running ?? []) this.end(owner, pod, ts);
    return this.running.delete(owner);
  }

  finish(): void {
    for (const [owner, running] of this.running)
      for (const pod of running) this.end(owner, pod, Number.POSITIVE_INFINITY);
  }

  private end(owner: string, { name, shape, arrival, lifetime }: Running, ts: number): void {
    this.sink.pod(
      name,
      shape,
      arrival,
      Math.max(0, Math.min(lifetime ?? Number.POSITIVE_INFINITY, ts - arrival)),
      owner,
      0,
    );
  }
}

const ownerName = ({ kind = 'object', metadata }: KubeObject): string =>
  nameOf(`${kind}-${metadata?.namespace ?? 'default'}-${metadata?.name}`);

function templateOf({ kind, metadata, spec }: KubeObject): PodTemplate | undefined {
  if (kind === 'Pod') return { metadata, spec: spec as unknown as PodSpec };
  const inner = (spec?.jobTemplate as { spec?: Record<string, unknown> } | undefined)?.spec ?? spec;
  return inner?.template as PodTemplate | undefined;
}

function replicasOf({ kind, spec }: KubeObject): number {
  const count = kind === 'Job' || kind === 'CronJob' ? (spec?.parallelism ?? 1) : (spec?.replicas ?? 1);
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= REPLICAS_MAX) return count;
  throw new InputError(`${JSON.stringify(count)} replicas; a whole number between 0 and ${REPLICAS_MAX} is expected`);
}

/** Of the pods that came after this application, in the order of the index; undefined for those that had not ended. */
function lifetimesOf(
  { index = {} }: SimKubeTrace,
  { apiVersion = '', kind, metadata }: KubeObject,
  ts: number,
): (number | undefined)[] {
  const name = `${metadata?.namespace ?? ''}/${metadata?.name}`;
  const byName = Object.entries(index).find(
    ([gvk]) => gvk.endsWith(`${kind}`) && gvk.startsWith(apiVersion.split('/')[0]!),
  )?.[1] as Record<string, Record<string, unknown>> | undefined;
  const entry = byName?.[name]?.[String(ts)];
  if (!Array.isArray(entry)) return [];
  return entry.map((data: { lifecycle?: unknown }) => {
    const finished = (data.lifecycle as { Finished?: unknown } | undefined)?.Finished;
    return Array.isArray(finished) && finished.length === 2 ? Number(finished[1]) - Number(finished[0]) : undefined;
  });
}

function parseTrace(text: string, file: string): SimKubeTrace {
  let trace: SimKubeTrace;
  try {
    trace = JSON.parse(text) as SimKubeTrace;
  } catch (error) {
    throw new InputError(`not JSON: ${(error as Error).message}`, { file });
  }
  if (!VERSIONS.includes(trace.version))
    throw new InputError(`version ${trace.version}; ${VERSIONS.join(' and ')} are known`, { file, path: 'version' });
  if (Array.isArray(trace.events) && trace.events.every((event) => Number.isFinite(event?.ts))) return trace;
  throw new InputError('a list of events is expected, each with its time ts', { file, path: 'events' });
}
