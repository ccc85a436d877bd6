/**
 * An API server in a process of its own: so that its CPU seconds and its memory are its own too. With BERTH_BENCH_PROFILES
 * it leaves a CPU profile in that folder.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Access } from '../../../cluster/client-http/index.ts';
import type { ServedAnswer, ServedRequest, ServedTask } from './served-process.ts';

export interface ServerUse {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** Since it was asked for last. */
  readonly rssPeakBytes: number;
}

export class ServedProcess {
  readonly access: Access;
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess, access: Access) {
    this.child = child;
    this.access = access;
  }

  /** Rejects when the server does not come up. */
  static async start(task: ServedTask): Promise<ServedProcess> {
    const file = fileURLToPath(new URL('./served-process.js', import.meta.url));
    const profiles = process.env.BERTH_BENCH_PROFILES;
    const child = fork(file, [JSON.stringify(task)], {
      execArgv: profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const { access } = await next(child);
    return new ServedProcess(child, access!);
  }

  async use(): Promise<ServerUse> {
    return (await this.ask('use')).use!;
  }

  /** Makes pods in the server's own process, without HTTP. */
  async fill(pods: number, from = 0): Promise<void> {
    await this.ask({ fill: pods, from });
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.send('stop' satisfies ServedRequest);
    await ended;
  }

  private ask(request: ServedRequest): Promise<ServedAnswer> {
    const answer = next(this.child);
    this.child.send(request);
    return answer;
  }
}

function next(child: ChildProcess): Promise<ServedAnswer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`the server ended with code ${code}`));
    child.once('exit', ended);
    child.once('message', (answer: ServedAnswer) => {
      child.off('exit', ended);
      resolve(answer);
    });
  });
}
