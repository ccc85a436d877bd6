/** The controllers of `berth serve`. */
import { type Command, Option } from 'commander';
import type { AdmissionSwitches } from '../cluster/apiserver/index.ts';
import type { Wire } from '../cluster/apiserver/wire/index.ts';
import type { RealClock } from '../cluster/clock.ts';
import { runControllers } from '../cluster/controllers/index.ts';
import { type ElectionOptions, type RunningComponent, startComponent } from './serve-election.ts';

export interface ControllersOptions extends ElectionOptions {
  readonly controllers: 'berth' | 'none';
  readonly nodeLifecycle?: 'on' | 'off';
  readonly nodes: number;
}

export function addControllersOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--controllers <name>', 'who looks after Deployments, Services, namespaces and the like')
        .choices(['berth', 'none'])
        .default('berth'),
    )
    .addOption(
      new Option(
        '--node-lifecycle <state>',
        'taint nodes that are not heard of, and move their pods (default: on with --nodes; no kubelet renews the lease of a node made by hand)',
      ).choices(['on', 'off']),
    );
}

const looksAfterNodes = ({ controllers, nodeLifecycle, nodes }: ControllersOptions): boolean =>
  controllers === 'berth' && (nodeLifecycle ?? (nodes > 0 ? 'on' : 'off')) === 'on';

/** Steps of admission that count on a controller. */
export const admissionFor = (options: ControllersOptions): Partial<AdmissionSwitches> => ({
  taintNodesByCondition: looksAfterNodes(options),
  serviceAccount: options.controllers === 'berth',
});

/** Answers when controllers, here or elsewhere, have begun, and pods can have their service account. */
export async function startControllers(
  wire: Wire,
  clock: RealClock,
  options: ControllersOptions,
  say: (text: string) => void,
): Promise<RunningComponent | undefined> {
  if (options.controllers === 'none') return undefined;
  const user = { username: 'system:kube-controller-manager', groups: ['system:masters', 'system:authenticated'] };
  const running = startComponent(
    {
      name: 'kube-controller-manager',
      user,
      run: (client, ownClock) =>
        runControllers({
          client,
          clock: ownClock,
          rootCertificate: wire.credentials.authority,
          ...(looksAfterNodes(options) ? {} : { nodeLifecycle: false as const }),
        }).stop,
    },
    wire,
    clock,
    options,
    say,
  );
  const client = wire.clientAs(user);
  const account = { group: '', version: 'v1', resource: 'serviceaccounts', namespace: 'default', name: 'default' };
  for (let tries = 0; tries < TRIES; tries++) {
    const isThere = await new Promise<boolean>((resolve) =>
      client.get(account, (error) => resolve(error === undefined)),
    );
    if (isThere) break;
    await new Promise<void>((resolve) => clock.timer(clock.nowMs + TRY_MS, resolve));
  }
  return running;
}

const TRY_MS = 10;
const TRIES = 500;
