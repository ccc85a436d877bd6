/**
 * The command line as users run it: compiled, in a process of its own. Compiled once per test file into a folder of its
 * own, so that no test runs on what an earlier build left in `dist`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class BuiltCli {
  /** A folder to work in; commands start there. */
  readonly cwd = mkdtempSync(path.join(tmpdir(), 'berth-cli-'));
  private readonly home = mkdtempSync(path.join(tmpdir(), 'berth-built-'));
  private readonly main = path.join(this.home, 'dist', 'cli', 'main.js');

  constructor() {
    cpSync(path.join(root, 'package.json'), path.join(this.home, 'package.json'));
    symlinkSync(path.join(root, 'node_modules'), path.join(this.home, 'node_modules'));
    const tsc = path.join(root, 'node_modules', '.bin', 'tsc');
    const { stdout } = spawnSync(tsc, ['-p', 'tsconfig.build.json', '--outDir', path.join(this.home, 'dist')], {
      cwd: root,
      encoding: 'utf8',
    });
    if (!existsSync(this.main)) throw new Error(`the build left no ${this.main}:\n${stdout}`);
    spawnSync(process.execPath, [path.join(root, 'scripts', 'copy-suite.mjs'), path.join(this.home, 'dist')]);
  }

  /** Starts a command; output is collected in what `done` resolves to. */
  start(args: readonly string[], nodeOptions = ''): { readonly child: ChildProcess; readonly done: Promise<Finished> } {
    const child = spawn(process.execPath, [this.main, ...args], {
      cwd: this.cwd,
      env: { ...process.env, NODE_OPTIONS: nodeOptions },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      output.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output.stderr += chunk;
    });
    const done = new Promise<Finished>((resolve) => child.on('close', (code) => resolve({ code, ...output })));
    return { child, done };
  }

  run(...args: string[]): Promise<Finished> {
    return this.start(args).done;
  }

  remove(): void {
    rmSync(this.cwd, { recursive: true, force: true });
    rmSync(this.home, { recursive: true, force: true });
  }
}
