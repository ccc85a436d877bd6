/** `churn`: objects that come, or come and go, in the background until the workload ends. */
import type { KubeObject } from '../../../api/index.ts';
import { Lane } from '../../../cluster/clock.ts';
import { keyOf } from '../../../cluster/simulation/index.ts';
import { isClusterScoped } from '../perf-api.ts';
import type { Churn } from '../schema/ops.ts';
import { namespaceObject, type WorkloadRun } from '../workload-run.ts';
import { named } from './any.ts';

export async function churn(run: WorkloadRun, op: Churn, opIndex: number): Promise<void> {
  const { api, clock } = run.cluster;
  const namespace = op.namespace ?? `namespace-${opIndex}`;
  const sources = op.templatePaths.map((file) => new ChurnedObject(run, run.templates.plain(file), namespace));
  // It may exist; nothing is registered here.
  await run.act(() => {
    api.create(namespaceObject(namespace));
  });
  const ticksMax = op.mode === 'create' && op.number > 0 ? op.number : Number.POSITIVE_INFINITY;
  const slots = op.mode === 'create' ? 0 : op.number;
  const tick = (count: number, dueMs: number): void => {
    if (count === ticksMax) return;
    clock.at(
      dueMs,
      () => {
        for (const source of sources) {
          if (slots === 0) source.create();
          else source.turn(count % slots);
        }
        tick(count + 1, dueMs + op.intervalMilliseconds);
      },
      Lane.Input,
    );
  };
  tick(0, clock.nowMs + op.intervalMilliseconds);
}

class ChurnedObject {
  private readonly run: WorkloadRun;
  private readonly template: KubeObject;
  private readonly namespace: string;
  private readonly names: string[] = [];

  constructor(run: WorkloadRun, template: KubeObject, namespace: string) {
    this.run = run;
    this.template = template;
    this.namespace = isClusterScoped(template.kind ?? '') ? '' : namespace;
  }

  /** The name; '' when it could not be created, which is no error. */
  create(): string {
    const object = named(this.run, this.template, this.namespace);
    return this.run.cluster.api.create(object) === undefined ? object.metadata!.name! : '';
  }

  /** Deletes what is in the slot, or fills it. */
  turn(slot: number): void {
    const { kind = '' } = this.template;
    const name = this.names[slot] ?? '';
    if (name === '') this.names[slot] = this.create();
    else {
      this.run.cluster.api.delete(kind, keyOf(kind, this.namespace, name));
      this.names[slot] = '';
    }
  }
}
