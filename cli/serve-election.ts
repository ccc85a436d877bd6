/** Scheduler and controllers of `berth serve`: at work all the time, or in turns with those of other servers. */
import { randomInt, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Command } from 'commander';
import type { ApiClient, UserInfo } from '../cluster/apiserver/index.ts';
import type { Wire } from '../cluster/apiserver/wire/index.ts';
import type { Clock } from '../cluster/clock.ts';
import { LEASE_TIMES, type LeaseTimes, runElected } from '../cluster/leader-election/index.ts';
import { Random } from '../scheduler/index.ts';
import { parseDuration } from './duration-option.ts';

export interface ElectionOptions {
  readonly leaderElect?: boolean;
  readonly leaderElectLeaseDuration: number;
  readonly leaderElectRenewDeadline: number;
  readonly leaderElectRetryPeriod: number;
}

export function addElectionOptions(command: Command): Command {
  const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = LEASE_TIMES;
  return command
    .option('--leader-elect', 'scheduler and controllers act only while they hold their Leases in kube-system')
    .option(
      '--leader-elect-lease-duration <time>',
      'others wait so long after the last renewal that they saw (default: 15s)',
      parseDuration,
      leaseDurationMs,
    )
    .option(
      '--leader-elect-renew-deadline <time>',
      'a leader that cannot renew for so long stops (default: 10s)',
      parseDuration,
      renewDeadlineMs,
    )
    .option('--leader-elect-retry-period <time>', 'between two tries (default: 2s)', parseDuration, retryPeriodMs);
}

export const leaseTimes = (options: ElectionOptions): LeaseTimes => ({
  leaseDurationMs: options.leaderElectLeaseDuration,
  renewDeadlineMs: options.leaderElectRenewDeadline,
  retryPeriodMs: options.leaderElectRetryPeriod,
});

/** As flags, to hand on. */
export const electionFlags = (options: ElectionOptions): string[] => [
  '--leader-elect',
  `--leader-elect-lease-duration=${options.leaderElectLeaseDuration}ms`,
  `--leader-elect-renew-deadline=${options.leaderElectRenewDeadline}ms`,
  `--leader-elect-retry-period=${options.leaderElectRetryPeriod}ms`,
];

export interface Component {
  /** Also the name of its Lease. */
  readonly name: string;
  readonly user: UserInfo;
  /** Begins to act through these alone; answers how to end. */
  run(client: ApiClient, clock: Clock): () => void;
}

export interface RunningComponent {
  stop(): Promise<void>;
}

/** Throws InputError for times by which two could lead. */
export function startComponent(
  { name, user, run }: Component,
  wire: Wire,
  clock: Clock,
  options: ElectionOptions,
  say: (text: string) => void,
): RunningComponent {
  const client = wire.clientAs(user);
  if (options.leaderElect !== true) {
    const stop = run(client, clock);
    return { stop: async () => stop() };
  }
  const identity = `${hostname()}_${randomUUID()}`;
  const elector = runElected({
    client,
    clock,
    namespace: 'kube-system',
    name,
    identity,
    random: new Random(randomInt(2 ** 32)),
    times: leaseTimes(options),
    lead: (term) => run(term.client, term.clock),
    changed: (isLeader) => say(`${name}: ${identity} ${isLeader ? 'leads' : 'leads no more'}`),
    failed: ({ message }) => say(`${name}: its Lease: ${message}`),
  });
  return { stop: () => new Promise((resolve) => elector.stop(resolve)) };
}
