/**
 * Recordings of `kwokctl snapshot record`: YAML documents, first the objects that were there, then ResourcePatch actions with the
 * time since the recording began. Source: kwok, `pkg/apis/action/v1alpha1`.
 */
import { parse } from 'yaml';
import { InputError, type Node, type Pod, type PodSpec } from '../api/index.ts';
import { ByteSource } from './trace/byte-source.ts';
import { LineReader } from './trace/fields.ts';
import type { ImportContext, TraceFamily } from './trace/model.ts';
import { ownerOf, PodTemplates, poolOfNode } from './trace/pod-templates.ts';
import { nameOf } from './trace/shapes.ts';

const NANOS_PER_SECOND = 1e9;

interface ResourcePatch {
  readonly kind: 'ResourcePatch';
  readonly resource?: { readonly group?: string; readonly resource?: string };
  readonly target?: { readonly name?: string; readonly namespace?: string };
  readonly durationNanosecond?: number;
  readonly method?: string;
  readonly template?: unknown;
}

export const kwokFamily: TraceFamily = {
  name: 'kwok',
  title: 'KWOK recording',
  tables: [
    {
      name: 'recording',
      looks: 'YAML documents of kwokctl snapshot record, with ResourcePatch actions or nodes and pods',
      is: ({ lines }) =>
        lines.some((line) => /^kind: (ResourcePatch|Node|Pod|Namespace|ServiceAccount|ConfigMap)\s*$/.test(line)),
    },
  ],
  mapping:
    'node there or created → node; pod there → arrives at 0, pod created → arrives then; its deletion, or a patch to phase Succeeded or Failed, ends it; owner = its controller; pods of DaemonSets are passed over, since they belong to their nodes; all other objects are passed over by kind',
  sources: [
    {
      what: 'your own recording',
      where: 'kwokctl snapshot record --path recording.yaml (kwok.sigs.k8s.io)',
      licence: 'yours',
    },
  ],
  hasOwners: true,
  read,
};

interface Open {
  readonly name: string;
  readonly shape: number;
  readonly arrival: number;
  readonly owner: string;
}

async function read({ of, sink, tally }: ImportContext): Promise<void> {
  const templates = new PodTemplates(sink);
  const nodes = new Set<string>();
  for (const file of of('recording')) {
    const open = new Map<string, Open>();
    const runs = new Map<string, number>();
    const end = (pod: Open, seconds: number) =>
      sink.pod(pod.name, pod.shape, pod.arrival, Math.max(0, seconds - pod.arrival), pod.owner, 0);
    const addNode = (node: Node) => {
      const name = node.metadata?.name ?? '';
      if (nodes.has(name)) return tally.passOver('a node that was there already');
      nodes.add(name);
      sink.node(name, sink.pool(poolOfNode(node)));
    };
    const addPod = (pod: Pod, key: string, seconds: number) => {
      if (pod.spec === undefined) throw new InputError('a pod with a spec is expected', { path: 'spec' });
      const owner = ownerOf(pod);
      if (owner?.kind === 'DaemonSet') return tally.passOver('a pod of a DaemonSet');
      if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed')
        return tally.passOver('a pod that had ended');
      const plain = nameOf(key.replace('/', '.'));
      const run = runs.get(key) ?? 0;
      runs.set(key, run + 1);
      const name = run === 0 ? plain : `${plain}-r${run}`;
      const shape = templates.of(
        owner === undefined ? 'pod' : nameOf(owner.name),
        pod.metadata?.labels,
        pod.spec as PodSpec,
      );
      open.set(key, { name, shape, arrival: seconds, owner: owner === undefined ? '' : nameOf(owner.name) });
    };
    const onPatch = (patch: ResourcePatch) => {
      const { resource, target, method, template } = patch;
      const seconds = (patch.durationNanosecond ?? Number.NaN) / NANOS_PER_SECOND;
      if (!(seconds >= 0)) throw new InputError('a number of nanoseconds is expected', { path: 'durationNanosecond' });
      const what = resource?.resource ?? '';
      const key = `${target?.namespace ?? 'default'}/${target?.name}`;
      if (what === 'nodes' && method === 'create')
        return addNode({ ...(template as Node), metadata: { ...(template as Node).metadata, name: target?.name } });
      if (what !== 'pods') return tally.passOver(`an action on ${what || 'something unnamed'}`);
      if (method === 'create') return addPod(template as Pod, key, seconds);
      const pod = open.get(key);
      if (pod === undefined) return tally.passOver('an action on a pod that is not followed');
      const phase = (template as Pod | undefined)?.status?.phase;
      if (method !== 'delete' && phase !== 'Succeeded' && phase !== 'Failed') return tally.passOver('a patch of a pod');
      open.delete(key);
      end(pod, seconds);
    };
    await eachDocument(file, tally, (object) => {
      const { kind } = object as { kind?: string };
      if (kind === 'ResourcePatch') onPatch(object as ResourcePatch);
      else if (kind === 'Node') addNode(object as Node);
      else if (kind === 'Pod')
        addPod(
          object as Pod,
          `${(object as Pod).metadata?.namespace ?? 'default'}/${(object as Pod).metadata?.name}`,
          0,
        );
      else tally.passOver(`a ${kind ?? 'document without kind'}`);
    });
    for (const { name, shape, arrival, owner } of open.values())
      sink.pod(name, shape, arrival, Number.POSITIVE_INFINITY, owner, 0);
  }
}

/** Documents between lines of `---`, one in memory at a time. */
async function eachDocument(
  file: string,
  tally: ImportContext['tally'],
  onObject: (object: object) => void,
): Promise<void> {
  const source = new ByteSource(file);
  tally.begin('recording', source.name);
  let lines: string[] = [];
  let line = 0;
  let first = 1;
  const flush = () => {
    const text = lines.join('\n');
    lines = [];
    if (text.trim() === '') return;
    tally.row();
    try {
      onObject(parseDocument(text, source.name, first));
    } catch (error) {
      tally.refuse(
        error instanceof InputError && error.location.file === undefined
          ? new InputError(error.message, { file: source.name, line: first })
          : error,
      );
    }
  };
  const reader = new LineReader((bytes, from, end) => {
    line++;
    const text = bytes.toString('utf8', from, end);
    if (text === '---' || text.startsWith('--- ')) {
      flush();
      first = line + 1;
    } else lines.push(text);
  });
  for await (const chunk of source) reader.push(chunk);
  reader.end();
  flush();
  tally.end(source.source());
}

function parseDocument(text: string, file: string, line: number): object {
  let object: unknown;
  try {
    object = parse(text);
  } catch (error) {
    throw new InputError(`not YAML: ${(error as Error).message.split('\n')[0]}`, { file, line });
  }
  if (typeof object === 'object' && object !== null) return object;
  throw new InputError('an object is expected', { file, line });
}
