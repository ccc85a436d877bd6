/** Faults of processes, at random: killed and started again, paused, asked to end; mostly so that the whole survives. */
import type { Child, ControlPlaneShape, FailureUnit } from '../../cluster/topology/index.ts';
import { isUp } from '../../cluster/topology/index.ts';
import type { Random } from '../../scheduler/index.ts';

const KINDS = ['kill -9', 'SIGSTOP', 'restart'] as const;
export type FaultKind = (typeof KINDS)[number];

interface Target {
  readonly child: Child;
  readonly unit: FailureUnit;
  isFailed: boolean;
}

export interface FaultsOptions {
  readonly shape: ControlPlaneShape;
  readonly etcd: readonly Child[];
  readonly servers: readonly Child[];
  readonly random: Random;
  /** Of how long a process is away. */
  readonly awayMsMax: number;
  /** Whether an API server answers. */
  answers(server: number): Promise<boolean>;
  /** The server that runs the leading scheduler; −1 when it is not known. */
  leader(): number;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** In so many of 100 cases more may fail than the topology outlives. */
const OUTAGE_PERCENT = 8;

export class Faults {
  readonly counts = new Map<string, number>();
  /** When writes were impossible by the availability model: from, to. */
  readonly outages: Array<{ readonly fromMs: number; toMs: number }> = [];
  private readonly options: FaultsOptions;
  private readonly targets: readonly Target[];
  private readonly running = new Set<Promise<void>>();

  constructor(options: FaultsOptions) {
    this.options = options;
    this.targets = [
      ...options.etcd.map((child, etcd) => ({ child, unit: { etcd }, isFailed: false })),
      ...options.servers.map((child, server) => ({ child, unit: { server }, isFailed: false })),
    ];
  }

  /** Begins one fault, or none where too much has failed already; it ends by itself. */
  step(): void {
    const { random, shape, servers, leader } = this.options;
    const leading = leader();
    const isAtLeader = leading >= 0 && random.below(3) === 0;
    const target = isAtLeader
      ? this.targets.find(({ child }) => child === servers[leading])!
      : this.targets[random.below(this.targets.length)]!;
    if (target.isFailed) return;
    const failed = [...this.failed, target.unit];
    if (!isUp(shape, failed) && random.below(100) >= OUTAGE_PERCENT) return;
    const kind = KINDS[random.below(KINDS.length)]!;
    const part = isAtLeader ? 'leader' : target.unit.etcd === undefined ? 'API server' : 'etcd member';
    const name = `${kind} ${part}`;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    const fault = this.inflict(target, kind, 300 + random.below(this.options.awayMsMax));
    this.running.add(fault);
    void fault.finally(() => this.running.delete(fault));
  }

  /** All are back. */
  async settled(): Promise<void> {
    await Promise.all(this.running);
  }

  private get failed(): FailureUnit[] {
    return this.targets.filter(({ isFailed }) => isFailed).map(({ unit }) => unit);
  }

  private async inflict(target: Target, kind: FaultKind, awayMs: number): Promise<void> {
    const { child } = target;
    this.mark(target, true);
    if (kind === 'SIGSTOP') {
      child.signal('SIGSTOP');
      await sleep(awayMs);
      child.signal('SIGCONT');
    } else {
      await (kind === 'kill -9' ? child.kill() : child.stop());
      await sleep(awayMs);
      child.start();
      await this.untilBack(target);
    }
    this.mark(target, false);
  }

  /** An API server reads what the store has before it answers; a store without a majority makes it wait for others. */
  private async untilBack({ child, unit: { server } }: Target): Promise<void> {
    await sleep(MEMBER_START_MS);
    for (let attempt = 0; server !== undefined && attempt < SERVER_TRIES; attempt++) {
      // One that came to a store without its member has given up; whoever runs servers starts them again.
      child.start();
      if (await this.options.answers(server)) return;
      await sleep(MEMBER_START_MS);
    }
  }

  private mark(target: Target, isFailed: boolean): void {
    target.isFailed = isFailed;
    const last = this.outages.at(-1);
    const wasUp = last === undefined || last.toMs < Number.POSITIVE_INFINITY;
    const isUpNow = isUp(this.options.shape, this.failed);
    if (wasUp && !isUpNow) this.outages.push({ fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY });
    else if (!wasUp && isUpNow) last!.toMs = Date.now();
  }
}

const MEMBER_START_MS = 1000;
const SERVER_TRIES = 20;
