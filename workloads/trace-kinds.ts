/** The kinds of nodes and of pods in a trace of berth's own format: read, checked as an API server would, completed. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  admitPriority,
  decodeObject,
  defaultPod,
  type FieldError,
  InputError,
  type InputLocation,
  type KubeObject,
  mergeLabelKeys,
  type Node,
  type Pod,
  priorityTable,
  type Taint,
  validateKind,
} from '../api/index.ts';
import { jsonErrorAt } from '../api/text/json.ts';
import { jsonValueEnd, skipJsonSpace, trackJson } from '../api/text/json-scan.ts';
import { PathTracker } from '../api/text/path-tracker.ts';
import { positionAt } from '../api/text/position.ts';
import type { PodShape, SourceFile } from './workload.ts';

export interface NodePool {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly allocatable: Readonly<Record<string, string>>;
}

const HOSTNAME = 'kubernetes.io/hostname';

/** Makes the nodes of a pool, which share all but their metadata. */
export function nodeMaker({ labels, taints, allocatable }: NodePool): (name: string) => Node {
  const spec = taints === undefined ? undefined : { taints: taints as Taint[] };
  const status = { allocatable: allocatable as Record<string, string> };
  // A copy of what a parser made takes half the time and memory of one to which a field is added.
  const model = JSON.parse(JSON.stringify({ ...labels, [HOSTNAME]: '' })) as Record<string, string>;
  return (name) => {
    const own = { ...model };
    own[HOSTNAME] = name;
    return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: own }, spec, status };
  };
}

/** What to throw when a file of the trace cannot be read. */
export function missing(error: unknown, file: string): unknown {
  return (error as NodeJS.ErrnoException).code === 'ENOENT' ? new InputError('no such file', { file }) : error;
}

/** A list in a file of its own. */
class KindFile {
  readonly entries: ReadonlyArray<Record<string, unknown>>;
  readonly source: SourceFile;
  private readonly name: string;
  private readonly text: string;
  private readonly names = new Map<string, number>();

  constructor(dir: string, name: string) {
    let bytes: Buffer;
    try {
      bytes = readFileSync(path.join(dir, name));
    } catch (error) {
      throw missing(error, name);
    }
    this.name = name;
    this.text = bytes.toString().replace(/^\ufeff/, '');
    this.source = { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    const list = this.parsed();
    if (!Array.isArray(list)) throw this.fail('', 'a list is expected');
    this.entries = list as Array<Record<string, unknown>>;
    list.forEach((entry: unknown, i) => {
      this.checkEntry(entry, i);
    });
  }

  private parsed(): unknown {
    const { name, text } = this;
    try {
      return JSON.parse(text);
    } catch {
      const start = skipJsonSpace(text, 0);
      const wrong = jsonErrorAt(text, start);
      const at = wrong?.at ?? skipJsonSpace(text, jsonValueEnd(text, start));
      const problem = wrong?.message ?? 'something follows after the list';
      throw new InputError(`not JSON: ${problem}`, { file: name, ...positionAt(text, at) });
    }
  }

  /** @param at Path from the list on; '' for the list itself. */
  fail(at: string, problem: string): InputError {
    const start = skipJsonSpace(this.text, 0);
    const tracker = new PathTracker(at, start);
    trackJson(this.text, start, tracker);
    const place: InputLocation = { file: this.name, ...positionAt(this.text, tracker.at) };
    return new InputError(problem, at === '' ? place : { ...place, path: at });
  }

  /** @param pathIn Where a field of the object is in the entry. */
  check(object: KubeObject, i: number, pathIn: (path: string) => string): void {
    const undecodable = decodeObject(object);
    const [problem] = undecodable.length > 0 ? undecodable : validateKind(object);
    if (problem !== undefined) throw this.problem(problem, i, pathIn);
  }

  problem({ path: field, text }: FieldError, i: number, pathIn: (path: string) => string): InputError {
    const at = pathIn(field);
    return this.fail(at.startsWith('[') ? `[${i}]${at}` : `[${i}].${at}`, text.slice(field.length + 2));
  }

  private checkEntry(entry: unknown, i: number): void {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
      throw this.fail(`[${i}]`, 'a map is expected');
    const { name } = entry as { name?: unknown };
    if (typeof name !== 'string' || name === '') throw this.fail(`[${i}].name`, 'Required value: a name is expected');
    const earlier = this.names.get(name);
    if (earlier !== undefined) throw this.fail(`[${i}].name`, `entry ${earlier} has the name "${name}" already`);
    this.names.set(name, i);
  }
}

/** Throws InputError with file, line, column and path. */
export function readPools(dir: string): { readonly pools: NodePool[]; readonly source: SourceFile } {
  const file = new KindFile(dir, 'pools.json');
  const pools = file.entries.map((entry, i) => {
    const pool = entry as unknown as NodePool;
    if (typeof pool.allocatable !== 'object' || pool.allocatable === null) {
      throw file.fail(
        `[${i}].allocatable`,
        'Required value: what a node offers, such as {"cpu": "32", "memory": "128Gi", "pods": "110"}',
      );
    }
    const node = nodeMaker(pool)('a-node');
    file.check(node, i, (field) => field.replace(/^(metadata|spec|status)\./, ''));
    return pool;
  });
  return { pools, source: file.source };
}

const NO_CLASSES = priorityTable([]);

/** Throws InputError with file, line, column and path. */
export function readShapes(dir: string): { readonly shapes: PodShape[]; readonly source: SourceFile } {
  const file = new KindFile(dir, 'shapes.json');
  const shapes = file.entries.map((entry, i) => {
    const { name, labels, spec } = entry as unknown as PodShape;
    if (typeof spec !== 'object' || spec === null)
      throw file.fail(`[${i}].spec`, 'Required value: the spec of the pods');
    const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a-pod', labels }, spec };
    const pathIn = (field: string): string => field.replace(/^metadata\./, '');
    file.check(pod, i, pathIn);
    const admitted = spec.priorityClassName ? admitPriority(pod, NO_CLASSES) : pod;
    if ('text' in admitted) throw file.problem(admitted, i, pathIn);
    return {
      name,
      ...(labels === undefined ? {} : { labels }),
      spec: defaultPod(mergeLabelKeys(admitted), true).spec!,
    };
  });
  return { shapes, source: file.source };
}
