/** A process of the control plane: started, paused, killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';

const GRACE_MS = 10_000;

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** A line that it wrote to its standard error. */
  said?(line: string): void;
  /** It has ended without being asked to. */
  ended?(how: string): void;
}

export class Child {
  readonly name: string;
  private readonly options: ChildOptions;
  private process: ChildProcess | undefined;
  private isWanted = false;

  constructor(options: ChildOptions) {
    this.name = options.name;
    this.options = options;
  }

  get isRunning(): boolean {
    return this.process !== undefined;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  start(): void {
    if (this.process !== undefined) return;
    const { command, args, said, ended } = this.options;
    this.isWanted = true;
    // A group of its own: the order in which all end is not the terminal's to choose.
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    this.process = child;
    let rest = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) said?.(line);
    });
    const over = (how: string): void => {
      if (this.process !== child) return;
      this.process = undefined;
      if (this.isWanted) ended?.(how);
    };
    child.once('exit', (code, signal) => over(signal ?? `code ${code}`));
    child.once('error', (error) => over(error.message));
  }

  /** Unless it was stopped meanwhile. */
  restart(): void {
    if (this.isWanted) this.start();
  }

  signal(name: NodeJS.Signals): void {
    this.process?.kill(name);
  }

  /** At once, as a power cut does. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Asked first, also when it is paused; killed when it does not answer. */
  async stop(): Promise<void> {
    this.signal('SIGCONT');
    await this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    this.isWanted = false;
    const child = this.process;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await gone;
    clearTimeout(late);
  }
}
