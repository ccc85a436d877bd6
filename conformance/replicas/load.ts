/** Clients that make pods and delete some, and remember what they were told. */
import type { KubeObject } from '../../api/index.ts';
import type { ApiAnswer, Status } from '../../cluster/apiserver/index.ts';
import { type Access, HttpClient } from '../../cluster/client-http/index.ts';
import type { Random } from '../../scheduler/index.ts';

const PODS = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const NODES = { group: '', version: 'v1', resource: 'nodes' };
const ANSWER_MAX_MS = 15_000;
const DELETED_SHARE = 0.15;

export type Outcome = 'done' | 'refused' | 'unknown';

export class Load {
  private readonly client: HttpClient;
  private readonly random: Random;
  private readonly running = new Set<Promise<void>>();
  /** Acknowledged and not asked to go: name → uid. */
  readonly there = new Map<string, string>();
  /** Whose deletion was acknowledged. */
  readonly gone = new Set<string>();
  private made = 0;
  /** Answers that leave open what has happened. */
  unknown = 0;
  readonly refused: string[] = [];

  constructor(access: Access, random: Random) {
    this.client = new HttpClient(access);
    this.random = random;
  }

  async makeNodes(count: number): Promise<void> {
    const allocatable = { cpu: '1000', memory: '1000Gi', pods: '100000' };
    for (let index = 0; index < count; index++) {
      const name = `node-${index}`;
      const node = { apiVersion: 'v1', kind: 'Node', metadata: { name }, status: { allocatable } } as KubeObject;
      await this.send<KubeObject>((done) => this.client.create(NODES, node, {}, done));
    }
  }

  /** One more pod, or one less; does not wait. */
  step(): void {
    const isDeletion = this.there.size > 20 && this.random.below(1000) < DELETED_SHARE * 1000;
    const call = isDeletion ? this.remove() : this.make();
    this.running.add(call);
    void call.finally(() => this.running.delete(call));
  }

  async settled(): Promise<void> {
    await Promise.all(this.running);
  }

  close(): void {
    this.client.close();
  }

  private async make(): Promise<void> {
    const name = `p-${this.made++}`;
    const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: '10m' } } }];
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers } } as KubeObject;
    const { outcome, result, message } = await this.send<KubeObject>((done) => this.client.create(PODS, pod, {}, done));
    if (outcome === 'done') this.there.set(name, result?.metadata?.uid ?? '');
    else if (outcome === 'refused') this.refused.push(`create ${name}: ${message}`);
  }

  private async remove(): Promise<void> {
    const names = [...this.there.keys()];
    const name = names[this.random.below(names.length)]!;
    this.there.delete(name);
    const { outcome, message } = await this.send<unknown>((done) =>
      this.client.delete({ ...PODS, name }, { gracePeriodSeconds: 0 }, done),
    );
    if (outcome === 'done') this.gone.add(name);
    else if (outcome === 'refused') this.refused.push(`delete ${name}: ${message}`);
  }

  private send<T>(call: (done: ApiAnswer<T>) => void) {
    return new Promise<{ outcome: Outcome; result?: T; message?: string }>((resolve) => {
      const late = setTimeout(() => {
        this.unknown++;
        resolve({ outcome: 'unknown' });
      }, ANSWER_MAX_MS);
      call((error: Status | undefined, result) => {
        clearTimeout(late);
        const isOpen = error !== undefined && (error.code ?? 500) >= 500;
        if (isOpen) this.unknown++;
        resolve({
          outcome: error === undefined ? 'done' : isOpen ? 'unknown' : 'refused',
          result,
          message: error?.message,
        });
      });
    });
  }
}

/** The pods that one server lists: name → uid. */
export async function podsOf(access: Access): Promise<Map<string, string>> {
  const client = new HttpClient(access);
  try {
    return await new Promise((resolve, reject) => {
      client.list(PODS, {}, (error, list) => {
        if (error !== undefined) reject(new Error(error.message));
        else resolve(new Map(list.items.map(({ metadata }) => [metadata?.name ?? '', metadata?.uid ?? ''])));
      });
    });
  } finally {
    client.close();
  }
}
