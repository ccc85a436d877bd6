/** `watch`: prints events until it is interrupted. */
import { Command } from 'commander';
import type { Store, StoreEvent } from '../../cluster/store/index.ts';
import { rangeOf, wholeNumber } from './kv.ts';
import { jsonOfKv, print, printKv } from './print.ts';
import { onStore, type TargetOptions, withTarget } from './target.ts';

interface WatchFlags extends TargetOptions {
  readonly prefix?: boolean;
  readonly fromKey?: boolean;
  readonly rev: string;
  readonly prevKv?: boolean;
}

export function watchCommand(): Command {
  return withTarget(new Command('watch'))
    .description('print what happens to a key, or to the keys of a range')
    .argument('<key>')
    .argument('[range-end]', 'the first key that is not meant')
    .option('--prefix', 'all keys that begin with the key')
    .option('--from-key', 'all keys from the key on')
    .option('--rev <n>', 'from this revision on; 0: from now', '0')
    .option('--prev-kv', 'with what was there before')
    .action((key: string, end: string | undefined, options: WatchFlags) =>
      onStore(options, (store) => untilInterrupted(store, key, end, options)),
    );
}

function untilInterrupted(store: Store, key: string, end: string | undefined, options: WatchFlags): Promise<void> {
  return new Promise((resolve, reject) => {
    const range = rangeOf(key, end, options);
    const startRevision = wholeNumber(options.rev, '--rev');
    // A store in a folder has no connection that would keep the process.
    const awake = setInterval(() => {}, 1 << 30);
    const stop = (): void => {
      clearInterval(awake);
      watcher?.cancel();
      resolve();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    const watcher = store.watch(
      { ...range, startRevision, prevKv: options.prevKv },
      {
        events: (events, revision) => printEvents(events, revision, options),
        canceled: (error) => {
          clearInterval(awake);
          reject(error);
        },
      },
    );
  });
}

function printEvents(events: readonly StoreEvent[], revision: number, { writeOut }: WatchFlags): void {
  if (writeOut === 'json') {
    const rows = events.map(({ type, kv, prevKv }) => ({
      ...(type === 'delete' ? { type: 1 } : {}),
      kv: jsonOfKv(kv),
      ...(prevKv ? { prev_kv: jsonOfKv(prevKv) } : {}),
    }));
    print(JSON.stringify({ Header: { revision }, Events: rows }));
    return;
  }
  for (const { type, kv, prevKv } of events) {
    print(type.toUpperCase());
    if (prevKv !== undefined) printKv(prevKv);
    printKv(kv);
  }
}
