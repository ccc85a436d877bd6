/**
 * The cluster of one cell, followed decision by decision from what the run wrote, for schedulers that are asked on the way what
 * they would have done. Pods leave when their lifetime is over, victims at once.
 *
 * Cost: per decision that of one scheduling cycle for each scheduler that is asked.
 */
import type { Pod } from '../../api/index.ts';
import { httpTransport } from '../../cluster/extender-http/index.ts';
import { type AttemptRecord, createScheduler, ENGINES, type Scheduler } from '../../scheduler/index.ts';
import { recordOf } from '../../scheduler/record.ts';
import { podOf, podTitle, type Workload } from '../../workloads/index.ts';
import { loadSource } from '../config-source.ts';
import { drawOrder } from '../order.ts';
import { type PlannedCell, shuffleFor, type Variant } from '../plan.ts';
import type { Decision } from './read-decisions.ts';

interface Departure {
  readonly seconds: number;
  readonly uid: string;
}

export interface Answer {
  /** '' for none. */
  readonly node: string;
  /** All of it; good until the same scheduler is asked again or the cluster changes. */
  record(): AttemptRecord | undefined;
}

export class Replay {
  private readonly workload: Workload;
  private readonly schedulers: readonly Scheduler[];
  private readonly rowOf = new Map<string, number>();
  private readonly uidOfKey = new Map<string, string>();
  private readonly onNode = new Set<string>();
  /** By time, the next one last. */
  private departures: Departure[] = [];

  /** @param variants One scheduler is made of each; the first is the run's own. */
  static async of(workload: Workload, variants: readonly Variant[], cell: PlannedCell): Promise<Replay> {
    const schedulers: Scheduler[] = [];
    for (const variant of variants) {
      const order = drawOrder(workload, cell.seed, shuffleFor(variants[0]!, workload), cell.tieSeed);
      const scheduler = createScheduler({
        ...(await loadSource(variant)),
        tieBreak: variant.tieBreak,
        engine: ENGINES[variant.engine ?? 'fast'],
        seed: order.tieSeed,
        extenderTransport: httpTransport,
      });
      for (const node of order.nodes) scheduler.cluster.addNode(workload.nodes[node]!);
      for (const object of workload.objects ?? []) scheduler.cluster.addObject(object);
      for (const pod of workload.bound ?? []) scheduler.cluster.addPod(pod);
      schedulers.push(scheduler);
    }
    return new Replay(workload, schedulers);
  }

  private constructor(workload: Workload, schedulers: readonly Scheduler[]) {
    this.workload = workload;
    this.schedulers = schedulers;
    for (let row = 0; row < workload.pods.count; row++) this.rowOf.set(podTitle(workload, row), row);
    for (const pod of workload.bound ?? []) {
      const { uid } = schedulers[0]!.cluster.classes.info(pod);
      this.uidOfKey.set(keyOf(pod), uid);
      this.onNode.add(uid);
    }
  }

  /** What scheduler `index` would do with the pod now: the cluster is as the run found it at that decision. */
  ask(index: number, { pod, timeSeconds }: Decision): Answer {
    this.advance(timeSeconds);
    const core = this.schedulers[index]!;
    const info = core.cluster.classes.info(this.podOf(this.rowOf.get(pod)!));
    const framework = core.frameworkOf(info);
    if (framework === undefined) return { node: '', record: () => undefined };
    const cycle = core.engine.schedulePod(framework, info, '');
    const node = cycle.chosen < 0 ? '' : core.cluster.nodeName(cycle.chosenRow);
    return { node, record: () => recordOf(cycle, core.cluster, {}) };
  }

  /** The run's own decision comes true. */
  apply({ pod, node, timeSeconds, victims }: Decision): void {
    this.advance(timeSeconds);
    for (const victim of victims) this.remove(this.uidOfKey.get(victim));
    if (node === '') return;
    const row = this.rowOf.get(pod)!;
    const object = this.podOf(row);
    for (const { cluster } of this.schedulers) cluster.addPod({ ...object, spec: { ...object.spec!, nodeName: node } });
    const { uid } = this.schedulers[0]!.cluster.classes.info(object);
    this.uidOfKey.set(keyOf(object), uid);
    this.onNode.add(uid);
    const lifetime = this.workload.pods.lifetimeSeconds[row]!;
    if (Number.isFinite(lifetime)) this.depart({ seconds: timeSeconds + lifetime, uid });
  }

  private podOf(row: number): Pod {
    const pod = podOf(this.workload, row);
    return { ...pod, metadata: { ...pod.metadata, uid: `pod-${row}` } };
  }

  private depart(departure: Departure): void {
    let [low, high] = [0, this.departures.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.departures[middle]!.seconds > departure.seconds) low = middle + 1;
      else high = middle;
    }
    this.departures.splice(low, 0, departure);
  }

  private advance(seconds: number): void {
    while (this.departures.length > 0 && this.departures.at(-1)!.seconds <= seconds) {
      this.remove(this.departures.pop()!.uid);
    }
  }

  private remove(uid: string | undefined): void {
    if (uid === undefined || !this.onNode.delete(uid)) return;
    for (const { cluster } of this.schedulers) cluster.removePod(uid);
  }
}

const keyOf = ({ metadata }: Pod): string => `${metadata?.namespace ?? 'default'}/${metadata?.name}`;
