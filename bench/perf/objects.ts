/**
 * Objects out of template files, as an API server would store them. Objects that are rendered to the same text share what
 * they hold, so nobody may change them.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  decodeObject,
  defaultNode,
  defaultPod,
  InputError,
  type KubeObject,
  mergeLabelKeys,
  type Node,
  type Pod,
  validateObject,
  withDefaultTolerations,
} from '../../api/index.ts';
import { locateField } from '../../api/text/locate.ts';
import { parseDocuments } from '../../api/text/parse-documents.ts';
import { positionAt } from '../../api/text/position.ts';
import { Template } from './template/template.ts';
import type { TemplateData, TemplateValue } from './template/value.ts';

/** Kinds that are not looked at in a file: the operation says what it makes. */
export type ImpliedKind =
  | 'Pod'
  | 'Node'
  | 'Namespace'
  | 'PersistentVolume'
  | 'PersistentVolumeClaim'
  | 'PodGroup'
  | 'ResourceClaim';

const API_VERSIONS: Readonly<Record<ImpliedKind, string>> = {
  Pod: 'v1',
  Node: 'v1',
  Namespace: 'v1',
  PersistentVolume: 'v1',
  PersistentVolumeClaim: 'v1',
  PodGroup: 'scheduling.k8s.io/v1beta1',
  ResourceClaim: 'resource.k8s.io/v1',
};

const COMPLETED_LATER: ReadonlySet<string> = new Set(['PersistentVolume', 'PersistentVolumeClaim', 'Namespace']);

/** Most templates give few texts, or one per object; only the former are worth keeping. */
const KEPT_OBJECTS_MAX = 256;

interface OpenTemplate {
  readonly template: Template;
  readonly objects: Map<string, KubeObject>;
}

export class ObjectTemplates {
  private readonly dir: string;
  private readonly open = new Map<string, OpenTemplate>();

  /** @param dir The folder of the suite file. */
  constructor(dir: string) {
    this.dir = dir;
  }

  /** The text of a file of the suite. Throws InputError. */
  read(file: string): string {
    try {
      return readFileSync(path.resolve(this.dir, file), 'utf8');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why = code === 'ENOENT' ? 'no such file or directory' : code === 'EISDIR' ? 'is a directory' : message;
      throw new InputError(`open ${file}: ${why}`);
    }
  }

  /** Throws InputError. */
  render(file: string, data: TemplateData, kind?: ImpliedKind): KubeObject {
    const { template, objects } = this.template(file);
    const text = template.render(data);
    const known = objects.get(text);
    if (known !== undefined) return known;
    const object = storedObject(text, file, kind);
    if (objects.size < KEPT_OBJECTS_MAX) objects.set(text, object);
    return object;
  }

  /** A file that is no template. Volumes and claims are completed later, so what they lack is no fault. Throws InputError. */
  plain(file: string, kind?: ImpliedKind): KubeObject {
    return storedObject(this.read(file), file, kind);
  }

  private template(file: string): OpenTemplate {
    let open = this.open.get(file);
    if (open === undefined) {
      open = { template: new Template(this.read(file), file), objects: new Map() };
      this.open.set(file, open);
    }
    return open;
  }
}

/** What a template sees: `.Index`, `.Count` and the operation's parameters. */
export const templateData = (
  params: Readonly<Record<string, unknown>>,
  index: number,
  count?: number,
): TemplateData => ({
  ...(params as Readonly<Record<string, TemplateValue>>),
  Index: BigInt(index),
  ...(count === undefined ? {} : { Count: BigInt(count) }),
});

function storedObject(text: string, file: string, kind: ImpliedKind | undefined): KubeObject {
  const [document] = parseDocuments(text, file);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new InputError('a Kubernetes object is expected here', { file });
  }
  const given = document as KubeObject;
  const object = kind === undefined ? given : { ...given, kind, apiVersion: API_VERSIONS[kind] };
  if (!object.kind || !object.apiVersion) throw new InputError('kind and apiVersion must be set', { file });
  const problems = decodeObject(object);
  // Names are made up where a prefix is given.
  const named = withName(object);
  if (problems.length === 0 && !COMPLETED_LATER.has(kind ?? '')) problems.push(...validateObject(named));
  const [problem] = problems;
  if (problem !== undefined) {
    const place = positionAt(text, locateField(text, 0, problem.path));
    throw new InputError(problem.text, { file, ...place });
  }
  return admitted(object);
}

function withName(object: KubeObject): KubeObject {
  const { name, generateName } = object.metadata ?? {};
  return { ...object, metadata: { ...object.metadata, name: name || `${generateName ?? 'object-'}x` } };
}

/** Defaults and the admission that upstream leaves switched on for suites: priorities are taken as they are. */
export function admitted(object: KubeObject): KubeObject {
  if (object.kind === 'Node') return defaultNode(object as Node);
  if (object.kind !== 'Pod') return object;
  const pod = withDefaultTolerations(mergeLabelKeys(defaultPod(object as Pod, true)));
  const { spec } = pod;
  if (spec === undefined || spec.schedulerName) return pod;
  const scheduled: Pod = { ...pod, spec: { ...spec, schedulerName: 'default-scheduler' } };
  return scheduled;
}

// --- what there is without a template --------------------------------------------------------------------------------

const STANDARD_RESOURCES = { cpu: '100m', memory: '500Mi' };

const POD: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: 'pod-' },
  spec: {
    containers: [
      {
        name: 'pause',
        image: 'pause',
        ports: [{ containerPort: 80 }],
        resources: { requests: STANDARD_RESOURCES, limits: STANDARD_RESOURCES },
      },
    ],
  },
};
export const BASE_POD: KubeObject = admitted(POD);

const BASE_RESOURCES = { pods: '110', cpu: '4', memory: '32Gi' };

export const baseNode = (prefix: string): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { generateName: prefix },
  status: {
    capacity: BASE_RESOURCES,
    allocatable: BASE_RESOURCES,
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
  },
});
