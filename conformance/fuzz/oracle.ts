/** The oracle program (real kube-scheduler code): makes cases and solves them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../api/index.ts';

/** A case that takes longer than this is given up. */
const SOLVE_TIMEOUT_MS = 60_000;

export interface Batch {
  readonly family: string;
  readonly seed: number;
  /** Index of the first case; some families vary by index. */
  readonly index: number;
  readonly count: number;
  readonly scale: number;
  readonly out: string;
}

export interface BatchOutcome {
  /** Paths of the golden files that were written, in the order of their index. */
  readonly files: readonly string[];
  /** Set when the oracle gave up on the case after the last file: one of its own assertions failed. */
  readonly refusal?: string;
}

/** Where cases and their true results come from. */
export interface CaseSource {
  /** Generates and solves a batch of cases. Throws InputError when that fails otherwise than by refusing a case. */
  vectors(batch: Batch): Promise<BatchOutcome>;
  /** The result of a case; undefined when the case is refused. */
  solve(testCase: unknown): Promise<unknown>;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Oracle implements CaseSource {
  private readonly binary: string;

  /** Throws InputError when there is no such program. */
  constructor(binary: string) {
    try {
      accessSync(binary, constants.X_OK);
    } catch {
      throw new InputError(`--oracle ${binary}: not a program that can be run; build the oracle and give its path`);
    }
    this.binary = binary;
  }

  async vectors({ family, seed, index, count, scale, out }: Batch): Promise<BatchOutcome> {
    const flags = { seed, count, family, out, index, scale };
    const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
    const { code, stderr } = await this.run(['vectors', ...args]);
    const refusal = code === 0 ? undefined : (lastWords(stderr) ?? `exit code ${code} and no message`);
    if (refusal !== undefined && !refusal.includes('ASSERT')) {
      throw new InputError(`the oracle failed on family "${family}", index ${index}: ${refusal}`);
    }
    const folder = join(out, family);
    let names: string[] = [];
    try {
      names = readdirSync(folder).sort();
    } catch (error) {
      if (refusal === undefined) throw new InputError(`the oracle wrote no files for family "${family}": ${error}`);
    }
    return { files: names.map((name) => join(folder, name)), refusal };
  }

  async solve(testCase: unknown): Promise<unknown> {
    const { code, stdout } = await this.run([], JSON.stringify(testCase));
    return code === 0 ? JSON.parse(stdout) : undefined;
  }

  private run(args: readonly string[], input?: string): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child: ChildProcess = spawn(this.binary, args, { stdio: ['pipe', 'pipe', 'pipe'] });
      const timer = input === undefined ? undefined : setTimeout(() => child.kill(), SOLVE_TIMEOUT_MS);
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdout!.on('data', (chunk: Buffer) => stdout.push(chunk));
      child.stderr!.on('data', (chunk: Buffer) => stderr.push(chunk));
      child.stdin!.on('error', () => {}); // a program that ends early closes its input; its exit code tells
      child.on('error', (error) => reject(new InputError(`${this.binary}: cannot be run: ${error.message}`)));
      child.on('close', (code) => {
        clearTimeout(timer);
        const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8');
        resolve({ code: code ?? 1, stdout: text(stdout), stderr: text(stderr) });
      });
      child.stdin!.end(input);
    });
  }
}

/** Go prints the reason of a panic first and the stack after it. */
function lastWords(stderr: string): string | undefined {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => line.startsWith('panic:')) ?? lines[0];
}
