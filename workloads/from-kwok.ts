/**
 * Recordings of `kwokctl snapshot record`: YAML documents, first the objects that were there, then ResourcePatch actions with the
 * time since the recording began. Source: kwok, `pkg/apis/action/v1alpha1`.
 */
import { parse } from 'yaml';
import { InputError, type Node, type ObjectMeta, type Pod, type PodSpec, subdomainErrors } from '../api/index.ts';
import { ByteSource } from './trace/byte-source.ts';
import { LineReader } from './trace/fields.ts';
import type { ImportContext, TraceFamily, TraceSink } from './trace/model.ts';
import { ownerOf, PodTemplates, poolOfNode } from './trace/pod-templates.ts';
import { located, reading, type Tally } from './trace/refusals.ts';
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
  const nodes = new Set<string>();
  for (const file of of('recording')) {
    const recording = new Recording(sink, tally, nodes);
    await eachDocument(file, tally, (object) => recording.take(object));
    recording.finish();
  }
}

/** One recording: objects that were there, then actions on them. */
class Recording {
  private readonly sink: TraceSink;
  private readonly tally: Tally;
  private readonly nodes: Set<string>;
  private readonly templates: PodTemplates;
  private readonly open = new Map<string, Open>();
  /** How often a pod of this name was made. */
  private readonly runs = new Map<string, number>();

  constructor(sink: TraceSink, tally: Tally, nodes: Set<string>) {
    this.sink = sink;
    this.tally = tally;
    this.nodes = nodes;
    this.templates = new PodTemplates(sink);
  }

  take(object: object): void {
    const { kind, metadata } = object as { kind?: string; metadata?: ObjectMeta };
    if (kind === 'ResourcePatch') this.act(object as ResourcePatch);
    else if (kind === 'Node') this.addNode(object as Node);
    else if (kind === 'Pod') this.addPod(object as Pod, `${metadata?.namespace ?? 'default'}/${metadata?.name}`, 0);
    else this.tally.passOver(`a ${kind ?? 'document without kind'}`);
  }

  /** Pods that are left outlive the recording. */
  finish(): void {
    for (const pod of this.open.values()) this.end(pod, Number.POSITIVE_INFINITY);
  }

  private act({ resource, target, method, template, durationNanosecond = Number.NaN }: ResourcePatch): void {
    const seconds = durationNanosecond / NANOS_PER_SECOND;
    if (!(seconds >= 0)) throw new InputError('a number of nanoseconds is expected', { path: 'durationNanosecond' });
    const what = resource?.resource ?? '';
    if (what === 'nodes' && method === 'create') {
      const node = template as Node;
      this.addNode({ ...node, metadata: { ...node.metadata, name: target?.name } });
    } else if (what !== 'pods') this.tally.passOver(`an action on ${what || 'something unnamed'}`);
    else
      this.actOnPod(`${target?.namespace ?? 'default'}/${target?.name}`, method, template as Pod | undefined, seconds);
  }

  private actOnPod(key: string, method: string | undefined, template: Pod | undefined, seconds: number): void {
    if (method === 'create') {
      this.addPod(template ?? {}, key, seconds);
      return;
    }
    const pod = this.open.get(key);
    if (pod === undefined) this.tally.passOver('an action on a pod that is not followed');
    else if (method === 'delete' || hasEnded(template)) {
      this.open.delete(key);
      this.end(pod, seconds);
    } else this.tally.passOver('a patch of a pod');
  }

  private addNode(node: Node): void {
    const name = String(node.metadata?.name ?? '');
    const problem = subdomainErrors(name)[0];
    if (problem !== undefined)
      throw new InputError(`${JSON.stringify(name)} cannot be the name of a node: ${problem}`, {
        path: 'metadata.name',
      });
    if (this.nodes.has(name)) {
      this.tally.passOver('a node that was there already');
      return;
    }
    this.nodes.add(name);
    this.sink.node(name, this.sink.pool(poolOfNode(node)));
  }

  private addPod(pod: Pod, key: string, seconds: number): void {
    if (pod.spec === undefined) throw new InputError('a pod with a spec is expected', { path: 'spec' });
    const owner = ownerOf(pod);
    if (owner?.kind === 'DaemonSet' || hasEnded(pod)) {
      this.tally.passOver(hasEnded(pod) ? 'a pod that had ended' : 'a pod of a DaemonSet');
      return;
    }
    const run = this.runs.get(key) ?? 0;
    this.runs.set(key, run + 1);
    const plain = nameOf(key.replace('/', '.'));
    const ownerName = owner === undefined ? '' : nameOf(owner.name);
    const shape = this.templates.of(ownerName || 'pod', pod.metadata?.labels, pod.spec as PodSpec);
    this.open.set(key, { name: run === 0 ? plain : `${plain}-r${run}`, shape, arrival: seconds, owner: ownerName });
  }

  private end({ name, shape, arrival, owner }: Open, seconds: number): void {
    this.sink.pod(name, shape, arrival, Math.max(0, seconds - arrival), owner, 0);
  }
}

const hasEnded = (pod: Pod | undefined): boolean =>
  pod?.status?.phase === 'Succeeded' || pod?.status?.phase === 'Failed';

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
      const object = parseDocument(text, source.name, first);
      reading({ file: source.name, line: first }, () => onObject(object));
    } catch (error) {
      tally.refuse(located(error, source.name, first));
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
