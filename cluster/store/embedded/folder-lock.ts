/** One process per folder. The lock is a file that names its holder; that of a process which is gone is taken over. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { StoreError } from '../store-error.ts';

const LOCK_FILE = 'lock.json';

interface Holder {
  readonly pid: number;
  /** Tells two processes with the same number apart, where the system says it. */
  readonly started: string;
  readonly host: string;
  readonly command: string;
}

export interface FolderLock {
  release(): void;
}

/** Throws `Unavailable` naming who has the folder. */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, LOCK_FILE);
  const mine = `${path}.${process.pid}`;
  const self: Holder = {
    pid: process.pid,
    started: startOf(process.pid),
    host: hostname(),
    command: process.argv.slice(1, 4).join(' '),
  };
  writeFileSync(mine, JSON.stringify(self));
  try {
    for (;;) {
      if (tryLink(mine, path)) return { release: () => rmSync(path, { force: true }) };
      const text = readText(path);
      const holder = holderOf(text);
      if (holder !== undefined && isAlive(holder)) {
        throw new StoreError(
          'Unavailable',
          `${folder} is in use by process ${holder.pid} (${holder.command}); a store has one owner at a time. ` +
            'Ask its owner: a running server takes snapshots of its own store.',
        );
      }
      takeAway(path, text);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a lock without a holder aside, and puts back one that somebody else has taken in between. */
function takeAway(path: string, expected: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readText(aside) !== expected) tryLink(aside, path);
    rmSync(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function holderOf(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return holder.started === startOf(holder.pid);
}

/** Since boot, in ticks; empty where there is no /proc. */
function startOf(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`);
  // The name in brackets may hold anything; the start is the 20th field after it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
