/** The simulation's API by reference, with what suites need beyond it: objects with finalizers stay when they are deleted. */
import type { KubeObject, ObjectMeta, Pod } from '../../api/index.ts';
import { ApiModel, type ApiModelOptions, keyOf } from '../../cluster/simulation/api-model.ts';
import type { ApiError } from '../../scheduler/timed/api.ts';

const DEFAULT_GRACE_SECONDS = 30;

export class PerfApi extends ApiModel {
  private readonly nowMs: () => number;

  constructor(options: ApiModelOptions) {
    super(options);
    this.nowMs = () => options.clock.nowMs;
  }

  override delete(kind: string, key: string, graceSeconds?: number): ApiError | undefined {
    const object = this.get(kind, key);
    if (!object?.metadata?.finalizers?.length) return super.delete(kind, key, graceSeconds);
    if (!object.metadata.deletionTimestamp) this.markDeleted(object, object.metadata, graceSeconds);
    return undefined;
  }

  private markDeleted(object: KubeObject, metadata: ObjectMeta, graceSeconds: number | undefined): void {
    const { nodeName, terminationGracePeriodSeconds } = (object as Pod).spec ?? {};
    // Only what is on a node gets time to end.
    const deletionGracePeriodSeconds = nodeName
      ? (graceSeconds ?? terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS)
      : 0;
    const atMs = (Math.floor(this.nowMs() / 1000) + deletionGracePeriodSeconds) * 1000;
    const deletionTimestamp = new Date(atMs).toISOString().replace('.000Z', 'Z');
    this.replace({ ...object, metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds } });
  }
}

export const isClusterScoped = (kind: string): boolean => keyOf(kind, 'namespace', 'name') === 'name';
