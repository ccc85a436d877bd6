/**
 * Faults by annotation, for clusters that people play with: `kubectl annotate node node-3 berth/fault=crash`, and
 * `berth/fault-` when it is to come back.
 */
import type { Clock } from '../../scheduler/clock.ts';
import type { ApiClient } from '../apiserver/client.ts';
import { Reflector } from '../scheduler-client/reflector.ts';
import type { KubeletPool } from './kubelet-pool.ts';

/** crash: the machine loses power. hang: its kubelet does nothing. stop: its kubelet ends. shutdown: in good order. */
export const FAULT = 'berth/fault';
const FAULTS = ['crash', 'hang', 'stop', 'shutdown'] as const;
type Fault = (typeof FAULTS)[number];

export class NodeFaults {
  private readonly pool: KubeletPool;
  private readonly reflector: Reflector;
  private readonly faults = new Map<string, Fault>();

  constructor(client: ApiClient, clock: Clock, pool: KubeletPool) {
    this.pool = pool;
    this.reflector = new Reflector({
      client,
      clock,
      target: { group: '', version: 'v1', resource: 'nodes' },
      event: ({ type, object }) => {
        const { name = '', annotations } =
          (object as { metadata?: { name?: string; annotations?: object } }).metadata ?? {};
        const said = (annotations as Record<string, string> | undefined)?.[FAULT];
        if (type !== 'deleted' && pool.has(name))
          this.set(
            name,
            FAULTS.find((fault) => fault === said),
          );
      },
    });
  }

  start(): void {
    this.reflector.start();
  }

  stop(): void {
    this.reflector.stop();
  }

  private set(name: string, fault: Fault | undefined): void {
    const before = this.faults.get(name);
    if (before === fault) return;
    if (before === 'hang') this.pool.resume(name);
    else if (before !== undefined) this.pool.recover(name);
    if (fault === undefined) {
      this.faults.delete(name);
      return;
    }
    this.faults.set(name, fault);
    if (fault === 'crash') this.pool.crash(name);
    else if (fault === 'hang') this.pool.hang(name);
    else if (fault === 'stop') this.pool.stopKubelet(name);
    else this.pool.shutDown(name);
  }
}
