/** Objects of a cluster as kubectl writes them: read, checked, admitted and sorted into what scheduling needs. */
import {
  admitPod,
  DecodedParts,
  decodeObject,
  defaultNode,
  InputError,
  isStored,
  type KubeObject,
  kindInfo,
  type Node,
  type ObjectFile,
  type Pod,
  type PriorityClass,
  type PriorityTable,
  priorityTable,
  readObjectFile,
  validateKind,
} from '../api/index.ts';
import { byteSource } from './byte-source.ts';

export interface ClusterObjects {
  readonly nodes: readonly Node[];
  /** Pods on nodes. */
  readonly bound: readonly Pod[];
  /** Pods without a node, in input order. */
  readonly pending: readonly Pod[];
  /** Everything else that scheduling reads. */
  readonly objects: readonly KubeObject[];
  /** What the user should know about the input, one line each. */
  readonly notes: readonly string[];
}

const ERRORS_SHOWN = 10;

/** Reads each file once, however often it is named. @throws InputError */
export function readClusterObjects(files: readonly string[]): ClusterObjects {
  const input = new InputReader([...new Set(files)].map(readFile));
  return input.read();
}

function readFile(file: string): ObjectFile {
  try {
    return readObjectFile(byteSource(file), file);
  } catch (error) {
    throw unreadable(error, file) ?? error;
  }
}

function unreadable(error: unknown, file: string): InputError | undefined {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return new InputError(`file "${file}" not found`);
    case 'EISDIR':
      return new InputError(`"${file}" is a folder; name the files in it`);
    case 'EACCES':
      return new InputError(`file "${file}" may not be read`);
    case 'EAGAIN':
      return new InputError(
        'standard input holds nothing yet; pipe the objects in, as in: kubectl get … -o json | berth …',
      );
    default:
      return undefined;
  }
}

/** An object and where it came from. */
interface Origin {
  readonly file: ObjectFile;
  readonly index: number;
}

class InputReader {
  private readonly files: readonly ObjectFile[];
  private readonly decoded = new DecodedParts();
  private readonly seen = new Map<string, Map<string, Origin>>();
  private readonly pods: Array<{ pod: Pod; origin: Origin }> = [];
  private readonly nodes: Node[] = [];
  private readonly objects: KubeObject[] = [];
  private readonly errors: InputError[] = [];
  private readonly ignoredKinds = new Map<string, number>();
  private readonly tolerated: string[] = [];
  private generated = 0;

  constructor(files: readonly ObjectFile[]) {
    this.files = files;
  }

  read(): ClusterObjects {
    for (const file of this.files) {
      for (const [index, object] of file.objects.entries()) this.take(object, { file, index });
    }
    const classes = this.objects.filter((object) => object.kind === 'PriorityClass') as PriorityClass[];
    const pods = this.admitted(priorityTable(classes));
    this.throwErrors();
    if (this.nodes.length === 0) throw this.noNodes(pods.length);
    const running = pods.filter((pod) => !isFinished(pod));
    const names = new Set(this.nodes.map((node) => node.metadata?.name));
    const bound = running.filter((pod) => pod.spec?.nodeName);
    return {
      nodes: this.nodes,
      bound,
      pending: running.filter((pod) => !pod.spec?.nodeName),
      objects: this.objects,
      notes: this.notes(bound.filter((pod) => !names.has(pod.spec?.nodeName))),
    };
  }

  private take(object: KubeObject, origin: Origin): void {
    const { kind = '', apiVersion = '' } = object;
    if (kindInfo(kind, apiVersion) === undefined) {
      this.ignoredKinds.set(kind, (this.ignoredKinds.get(kind) ?? 0) + 1);
      return;
    }
    if (this.isFaulty(object, origin) || this.isRepeat(object, origin)) return;
    if (kind === 'Pod') this.pods.push({ pod: object as Pod, origin });
    else if (kind === 'Node') this.nodes.push(defaultNode(object as Node));
    else this.objects.push(object);
  }

  /** What a server has stored is used even where this server's rules differ from ours. */
  private isFaulty(object: KubeObject, origin: Origin): boolean {
    const undecodable = decodeObject(object, this.decoded);
    if (undecodable.length === 0 && object.kind === 'Pod') this.generateName(object);
    const problems = undecodable.length > 0 ? undecodable : validateKind(object);
    if (problems.length === 0) return false;
    const errors = problems.map(({ path, text }) => errorAt(object, origin, path, text.slice(path.length + 2)));
    if (undecodable.length === 0 && isStored(object)) {
      this.tolerated.push(errors[0]!.message);
      return false;
    }
    this.errors.push(...errors);
    return true;
  }

  private generateName({ metadata }: KubeObject): void {
    if (!metadata?.generateName || metadata.name) return;
    this.generated++;
    metadata.name = `${metadata.generateName}${this.generated}`;
  }

  private isRepeat(object: KubeObject, origin: Origin): boolean {
    const { name, namespace, uid } = object.metadata ?? {};
    const namespaced = kindInfo(object.kind ?? '', object.apiVersion ?? '')?.namespaced;
    const neighbours = this.neighbours(`${object.kind}/${namespaced ? namespace || 'default' : ''}`);
    const earlier = neighbours.get(name ?? '');
    if (earlier === undefined) {
      neighbours.set(name ?? '', origin);
      return false;
    }
    if (uid === undefined || uid !== earlier.file.objects[earlier.index]!.metadata?.uid) {
      const { file, line } = earlier.file.locate(earlier.index);
      const place = line === undefined ? file : `${file}:${line}`;
      this.errors.push(errorAt(object, origin, 'metadata.name', `already given at ${place}; give each object once`));
    }
    return true;
  }

  private neighbours(key: string): Map<string, Origin> {
    let neighbours = this.seen.get(key);
    if (neighbours === undefined) {
      neighbours = new Map();
      this.seen.set(key, neighbours);
    }
    return neighbours;
  }

  private admitted(priorities: PriorityTable): Pod[] {
    return this.pods.map(({ pod: given, origin }) => {
      const { pod, error } = admitPod(given, priorities);
      if (error !== undefined) {
        const isClass = error.path === 'spec.priorityClassName';
        const hint = isClass ? '; give the PriorityClass objects too, for example with --objects' : '';
        this.errors.push(errorAt(given, origin, error.path, `${error.text.slice(error.path.length + 2)}${hint}`));
      }
      return pod;
    });
  }

  private throwErrors(): void {
    const { errors } = this;
    if (errors.length === 0) return;
    const lines = errors.slice(0, ERRORS_SHOWN).map((error) => error.message);
    if (errors.length > ERRORS_SHOWN) lines.push(`… and ${errors.length - ERRORS_SHOWN} more errors like these`);
    throw new InputError(lines.join('\n       '));
  }

  private noNodes(podCount: number): InputError {
    const files = this.files.map(({ file }) => file).join(', ');
    const found = [`${podCount} pods`, ...(this.objects.length > 0 ? [`${this.objects.length} other objects`] : [])];
    return new InputError(
      `no nodes in ${files} (found ${found.join(' and ')}); write them with: kubectl get nodes -o json`,
    );
  }

  private notes(elsewhere: readonly Pod[]): string[] {
    const notes = this.files
      .filter(({ objects }) => objects.length === 0)
      .map(({ file }) => `${file} holds no objects`);
    if (this.ignoredKinds.size > 0) {
      const kinds = [...this.ignoredKinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
      notes.push(
        `not looked at: ${kinds} (scheduling does not read these kinds; pods of controllers must be given as pods)`,
      );
    }
    if (elsewhere.length > 0) {
      const [{ metadata, spec }] = elsewhere as [Pod];
      const example = `${metadata?.namespace ?? 'default'}/${metadata?.name} on ${spec?.nodeName}`;
      notes.push(
        `${elsewhere.length} pods are on nodes that are not in the input (${example}): they count for nothing`,
      );
    }
    if (this.tolerated.length > 0) {
      const count = this.tolerated.length;
      const which = count === 1 ? '1 stored object' : `${count} stored objects`;
      notes.push(
        `${which} would be refused by a server of v1.37 but used as given (they carry a uid); the first: ${this.tolerated[0]}`,
      );
    }
    return notes;
  }
}

const isFinished = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** `pods.yaml:12:7: Pod default/web: spec.x: Invalid value: …` */
function errorAt(object: KubeObject, { file, index }: Origin, path: string, problem: string): InputError {
  const { line, column } = file.locate(index, path);
  const { name = '', namespace } = object.metadata ?? {};
  const full = kindInfo(object.kind ?? '', object.apiVersion ?? '')?.namespaced
    ? `${namespace || 'default'}/${name}`
    : name;
  return new InputError(`${object.kind} ${full === '' ? '(no name)' : full}: ${path}: ${problem}`, {
    file: file.file,
    line,
    column,
  });
}
