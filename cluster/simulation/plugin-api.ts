/** The API model as plugins of a scheduler write to it. */
import type { KubeObject, Pod } from '../../api/index.ts';
import type { PluginApi, WriteAnswer, WriteError } from '../../scheduler/plugin.ts';
import type { GeneratedNames } from './generated-names.ts';

/** The part of the model that is written to. */
interface Model {
  get(kind: string, key: string): KubeObject | undefined;
  create(object: KubeObject): WriteError | undefined;
  replace(object: KubeObject): KubeObject;
  remove(kind: string, key: string): WriteError | undefined;
}

export interface ModelPluginApiOptions {
  readonly model: Model;
  readonly keyOf: (object: KubeObject) => string;
  readonly names: GeneratedNames;
  readonly notFound: (object: KubeObject) => WriteError;
  readonly wrote?: (
    verb: 'create' | 'update' | 'patch' | 'delete',
    object: KubeObject,
    error: string | undefined,
  ) => void;
}

export class ModelPluginApi implements PluginApi {
  private readonly options: ModelPluginApiOptions;

  constructor(options: ModelPluginApiOptions) {
    this.options = options;
  }

  get(object: KubeObject, answer: WriteAnswer): void {
    const stored = this.find(object);
    answer(stored, stored === undefined ? this.options.notFound(object) : undefined);
  }

  create(object: KubeObject, answer: WriteAnswer): void {
    const { model, wrote } = this.options;
    const { name, generateName } = object.metadata ?? {};
    const { names } = this.options;
    const named =
      name || !generateName
        ? object
        : { ...object, metadata: { ...object.metadata, name: names.nameFrom(generateName) } };
    const error = model.create(named);
    wrote?.('create', named, error?.message);
    answer(error === undefined ? this.find(named) : undefined, error);
  }

  update(object: KubeObject, answer: WriteAnswer): void {
    const { model, notFound, wrote } = this.options;
    const stored = this.find(object);
    const error = stored === undefined ? notFound(object) : conflictOf(object, stored);
    const now = error === undefined ? model.replace(object) : undefined;
    wrote?.('update', now ?? object, error?.message);
    answer(now, error);
  }

  delete(object: KubeObject, answer: WriteAnswer): void {
    const { model, keyOf, wrote } = this.options;
    const error = model.remove(object.kind ?? '', keyOf(object));
    wrote?.('delete', object, error?.message);
    answer(undefined, error);
  }

  patchPodStatus(pod: Pod, fields: Readonly<Record<string, unknown>>, answer: WriteAnswer): void {
    const { model, notFound, wrote } = this.options;
    const stored = this.find({ ...pod, kind: 'Pod' }) as Pod | undefined;
    const error = stored === undefined ? notFound({ ...pod, kind: 'Pod' }) : undefined;
    const now = stored && model.replace({ ...stored, status: { ...stored.status, ...fields } } as Pod);
    wrote?.('patch', now ?? pod, error?.message);
    answer(now, error);
  }

  private find(object: KubeObject): KubeObject | undefined {
    return this.options.model.get(object.kind ?? '', this.options.keyOf(object));
  }
}

function conflictOf(object: KubeObject, stored: KubeObject): WriteError | undefined {
  if (object.metadata?.resourceVersion === stored.metadata?.resourceVersion) return undefined;
  const name = stored.metadata?.name ?? '';
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return { reason: 'Conflict', message: `Operation cannot be fulfilled on ${object.kind} "${name}": ${why}` };
}
