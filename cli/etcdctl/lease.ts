/** `lease grant|revoke|timetolive|list|keep-alive`: ids are hexadecimal, as etcdctl's. */
import { Command } from 'commander';
import { InputError } from '../../api/index.ts';
import { ask, type LeaseStatus } from '../../cluster/store/index.ts';
import { leaseText, print } from './print.ts';
import { onStore, type TargetOptions, withTarget } from './target.ts';

export function parseLease(text: string): number {
  const id = /^[0-9a-f]{1,16}$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw new InputError(`lease ${text}: a hexadecimal number below 2^53 is expected`);
  return id;
}

export function leaseCommand(): Command {
  const grant = withTarget(new Command('grant'))
    .description('make a lease')
    .argument('<ttl>', 'seconds')
    .action((ttl: string, options: TargetOptions) =>
      onStore(options, async (store) => {
        if (!/^\d+$/.test(ttl)) throw new InputError(`ttl ${ttl}: a whole number of seconds is expected`);
        const lease = await ask<LeaseStatus>((answer) => store.leaseGrant(Number(ttl), undefined, answer));
        if (options.writeOut === 'json') print(JSON.stringify({ ID: lease.id, TTL: lease.ttlS }));
        else print(`lease ${leaseText(lease.id)} granted with TTL(${lease.ttlS}s)`);
      }),
    );
  const revoke = withTarget(new Command('revoke'))
    .description('end a lease and delete its keys')
    .argument('<id>')
    .action((id: string, options: TargetOptions) =>
      onStore(options, async (store) => {
        await ask<void>((answer) => store.leaseRevoke(parseLease(id), answer));
        print(`lease ${leaseText(parseLease(id))} revoked`);
      }),
    );
  const timeToLive = withTarget(new Command('timetolive'))
    .description('how long a lease lasts')
    .argument('<id>')
    .option('--keys', 'with the keys attached to it')
    .action((id: string, options: TargetOptions & { keys?: boolean }) =>
      onStore(options, async (store) => {
        const lease = await ask<LeaseStatus>((answer) => store.leaseTimeToLive(parseLease(id), answer));
        if (options.writeOut === 'json') print(JSON.stringify(lease));
        else printLease(lease, options.keys === true);
      }),
    );
  const list = withTarget(new Command('list'))
    .description('all leases')
    .action((options: TargetOptions) =>
      onStore(options, async (store) => {
        const ids = await ask<readonly number[]>((answer) => store.leases(answer));
        if (options.writeOut === 'json') print(JSON.stringify({ leases: ids.map((ID) => ({ ID })) }));
        else for (const line of [`found ${ids.length} leases`, ...ids.map(leaseText)]) print(line);
      }),
    );
  return new Command('lease')
    .description('leases')
    .addCommand(grant)
    .addCommand(revoke)
    .addCommand(timeToLive)
    .addCommand(list);
}

function printLease({ id, ttlS, grantedTtlS, keys }: LeaseStatus, withKeys: boolean): void {
  if (ttlS < 0) print(`lease ${leaseText(id)} already expired`);
  else {
    const attached = withKeys ? `, attached keys([${keys.join(' ')}])` : '';
    print(`lease ${leaseText(id)} granted with TTL(${grantedTtlS}s), remaining(${ttlS}s)${attached}`);
  }
}
