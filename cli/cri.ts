/** `berth cri`: a modelled container runtime behind the socket that kubelets and crictl know. */
import { existsSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { InputError } from '../api/index.ts';
import { RealClock } from '../cluster/clock.ts';
import { serveCri } from '../cluster/cri/index.ts';
import { nodeHost } from '../cluster/node-host.ts';
import { createRuntime } from '../cluster/runtimes/index.ts';
import { addRuntimeOptions, type RuntimeOptions, readBehaviourFile } from './runtime-options.ts';

interface Options extends RuntimeOptions {
  readonly socket: string;
  readonly podCidr: string;
  readonly seed: number;
}

const HELP = `
Examples:
  berth cri --runtime containerd --socket /tmp/berth.sock
  crictl --runtime-endpoint unix:///tmp/berth.sock pods

Nothing is pulled and nothing runs: images and containers are models that take the time of their runtime. The annotation
berth/behaviour of a pod says what its containers do, such as {runs: 30s, exitCode: 1}.`;

export function criCommand(): Command {
  return addRuntimeOptions(new Command('cri'))
    .description('Serve a modelled container runtime over CRI v1')
    .requiredOption('--socket <path>', 'unix socket to listen on')
    .option('--pod-cidr <range>', 'addresses of pods', '10.88.0.0/16')
    .option('--seed <number>', 'of the durations', Number, 1)
    .addHelpText('after', HELP)
    .action(run);
}

async function run({ runtime, runtimeSet, behaviours, socket, podCidr, seed }: Options): Promise<void> {
  const file = path.resolve(socket);
  if (existsSync(file)) {
    if (!statSync(file).isSocket()) throw new InputError(`--socket ${socket}: there is a file, and it is no socket`);
    rmSync(file);
  }
  const clock = new RealClock(nodeHost);
  const rules = behaviours === undefined ? [] : readBehaviourFile(behaviours);
  const model = createRuntime({ clock, runtime, changes: runtimeSet, behaviours: rules, seed, podCidr });
  const server = await serveCri(model, file);
  process.stdout.write(`unix://${file}\n`);
  process.stderr.write(`next: crictl --runtime-endpoint unix://${file} version\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await server.close();
  clock.stop();
  rmSync(file, { force: true });
}
