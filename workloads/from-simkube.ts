/**
 * SimKube's trace as JSON (`msgpack2json -di`, or `skctl` exports), versions 2 and 3: events with the objects that were applied and
 * deleted, and an index of the lifecycles of their pods. Source: SimKube's documentation, docs/ref/trace-files.md.
 */
import { InputError, type ObjectMeta, type PodSpec } from '../api/index.ts';
import { ByteSource } from './trace/byte-source.ts';
import type { ImportContext, TraceFamily } from './trace/model.ts';
import { PodTemplates } from './trace/pod-templates.ts';
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
    const owners = new Map<string, Running[]>();
    const numbers = new Map<string, number>();
    const end = (owner: string, { name, shape, arrival, lifetime }: Running, seconds: number) =>
      sink.pod(name, shape, arrival, Math.min(lifetime ?? Number.POSITIVE_INFINITY, seconds - arrival), owner, 0);
    for (const [index, event] of trace.events.entries()) {
      for (const [which, object] of (event.applied_objs ?? []).entries()) {
        tally.row();
        try {
          const template = templateOf(object);
          if (template === undefined) {
            tally.passOver(`a ${object.kind} without a pod template`);
            continue;
          }
          if (template.spec === undefined)
            throw new InputError('a pod template with a spec is expected', {
              file: source.name,
              path: `events[${index}].applied_objs[${which}].spec`,
            });
          const owner = ownerName(object);
          const running = owners.get(owner) ?? [];
          owners.set(owner, running);
          const shape = templates.of(owner, template.metadata?.labels, template.spec);
          const lifetimes = lifetimesOf(trace, object, event.ts);
          const wanted = replicasOf(object);
          for (let i = 0; running.length < wanted; i++) {
            const number = numbers.get(owner) ?? 0;
            numbers.set(owner, number + 1);
            running.push({ name: `${owner}-${number}`, shape, arrival: event.ts, lifetime: lifetimes[i] });
          }
          while (running.length > wanted) end(owner, running.pop()!, event.ts);
        } catch (error) {
          tally.refuse(error);
        }
      }
      for (const object of event.deleted_objs ?? []) {
        tally.row();
        const owner = ownerName(object);
        const running = owners.get(owner);
        if (running === undefined) tally.passOver('a deletion of what was not applied');
        for (const pod of running ?? []) end(owner, pod, event.ts);
        owners.delete(owner);
      }
    }
    for (const [owner, running] of owners) for (const pod of running) end(owner, pod, Number.POSITIVE_INFINITY);
    tally.end(source.source());
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
  return typeof count === 'number' && count >= 0 ? count : 1;
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
  if (Array.isArray(trace.events)) return trace;
  throw new InputError('a list of events is expected', { file, path: 'events' });
}
