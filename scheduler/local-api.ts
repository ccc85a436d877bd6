/** The API of a scheduler without time: what plugins write is in the cluster at once, as if the watch had shown it. */
import type { KubeObject, Pod } from '../api/index.ts';
import type { PluginApi, WriteAnswer, WriteError } from './plugin.ts';

/** What is written to. */
interface Objects {
  find(object: KubeObject): KubeObject | undefined;
  set(object: KubeObject): void;
  delete(object: KubeObject): boolean;
}

export class LocalApi implements PluginApi {
  private objects: Objects | undefined;
  private created = 0;

  /** To be called before anything is written. */
  attach(objects: Objects): void {
    this.objects = objects;
  }

  get(object: KubeObject, answer: WriteAnswer): void {
    const stored = this.objects?.find(object);
    answer(stored, stored === undefined ? notFound(object) : undefined);
  }

  create(object: KubeObject, answer: WriteAnswer): void {
    this.created++;
    const { name, generateName = '' } = object.metadata ?? {};
    const metadata = {
      ...object.metadata,
      name: name || `${generateName}${String(this.created).padStart(5, '0')}`,
      uid: `created-${this.created}`,
    };
    const stored: KubeObject = { ...object, metadata };
    this.objects?.set(stored);
    answer(stored, undefined);
  }

  update(object: KubeObject, answer: WriteAnswer): void {
    const before = this.objects?.find(object);
    if (before === undefined) {
      answer(undefined, notFound(object));
      return;
    }
    const { resourceVersion } = before.metadata ?? {};
    if (object.metadata?.resourceVersion !== resourceVersion) {
      answer(undefined, { reason: 'Conflict', message: `${object.kind} "${object.metadata?.name}" has been modified` });
      return;
    }
    const next = String(Number(resourceVersion ?? 0) + 1);
    const stored: KubeObject = { ...object, metadata: { ...object.metadata, resourceVersion: next } };
    this.objects!.set(stored);
    answer(stored, undefined);
  }

  delete(object: KubeObject, answer: WriteAnswer): void {
    const isGone = this.objects?.delete(object) === true;
    answer(undefined, isGone ? undefined : notFound(object));
  }

  /** Nobody reads a placed pod's status here. */
  patchPodStatus(pod: Pod, fields: Readonly<Record<string, unknown>>, answer: WriteAnswer): void {
    answer({ ...pod, status: { ...pod.status, ...fields } } as Pod, undefined);
  }
}

const notFound = ({ kind = '', metadata }: KubeObject): WriteError => ({
  reason: 'NotFound',
  message: `${kind} "${metadata?.name ?? ''}" not found`,
});
