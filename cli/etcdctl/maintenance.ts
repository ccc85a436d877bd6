/** `snapshot save|status|restore`, `defrag` and `endpoint status`. */
import { Command } from 'commander';
import { InputError } from '../../api/index.ts';
import {
  ask,
  restoreSnapshot,
  type SnapshotStatus,
  type StoreStatus,
  saveSnapshot,
  snapshotStatus,
} from '../../cluster/store/index.ts';
import { wholeNumber } from './kv.ts';
import { bytesText, print, printTable } from './print.ts';
import { endpointOf, type Format, onStore, type TargetOptions, withTarget } from './target.ts';

export function snapshotCommand(): Command {
  const save = withTarget(new Command('save'))
    .description('write one consistent revision into a file')
    .argument('<file>')
    .action((file: string, options: TargetOptions) =>
      onStore(options, async (store) => {
        await saveSnapshot(store, file);
        print(`Snapshot saved at ${file}`);
      }),
    );
  const status = withTarget(new Command('status'))
    .description('check a snapshot and say what it holds')
    .argument('<file>')
    .action(async (file: string, { writeOut }: TargetOptions) => printSnapshot(await snapshotStatus(file), writeOut));
  const restore = withTarget(new Command('restore'))
    .description('make a new store from a snapshot')
    .argument('<file>')
    .option('--data-dir <folder>', 'the new store; --data means the same')
    .option('--bump-revision <n>', 'go on so many revisions later than the snapshot', '0')
    .option('--mark-compacted', 'let clients that know earlier revisions read anew')
    .action(async (file: string, options: RestoreFlags) => {
      const folder = options.dataDir ?? options.data;
      if (folder === undefined) throw new InputError('say where to: --data FOLDER');
      const bumpRevision = wholeNumber(options.bumpRevision, '--bump-revision');
      const revision = await restoreSnapshot(file, { folder, bumpRevision, markCompacted: options.markCompacted });
      print(`restored ${file} into ${folder} at revision ${revision}`);
    });
  return new Command('snapshot').description('snapshots').addCommand(save).addCommand(status).addCommand(restore);
}

interface RestoreFlags extends TargetOptions {
  readonly dataDir?: string;
  readonly bumpRevision: string;
  readonly markCompacted?: boolean;
}

function printSnapshot(status: SnapshotStatus, format: Format): void {
  const { hash, revision, totalKeys, totalBytes } = status;
  const cells = [hash.slice(0, 8), String(revision), String(totalKeys), bytesText(totalBytes)];
  if (format === 'json') print(JSON.stringify(status));
  else if (format === 'table') printTable(['HASH', 'REVISION', 'TOTAL KEYS', 'TOTAL SIZE'], [cells]);
  else if (format === 'fields') printFields({ ...status });
  else print(cells.join(', '));
}

export function defragCommand(): Command {
  return withTarget(new Command('defrag'))
    .description('give freed space back')
    .action((options: TargetOptions) =>
      onStore(options, async (store) => {
        await ask<void>((answer) => store.defrag(answer));
        print(`Finished defragmenting ${endpointOf(options)}`);
      }),
    );
}

export function endpointCommand(): Command {
  const status = withTarget(new Command('status'))
    .description('version, sizes and revision')
    .action((options: TargetOptions) =>
      onStore(options, async (store) => {
        const found = await ask<StoreStatus>((answer) => store.status(answer));
        printStatus(endpointOf(options), found, options.writeOut);
      }),
    );
  return new Command('endpoint').description('what is there').addCommand(status);
}

function printStatus(endpoint: string, status: StoreStatus, format: Format): void {
  const { version, revision, compactRevision, keys, dbSizeBytes, dbSizeInUseBytes, memberId, leader } = status;
  const cells = {
    ENDPOINT: endpoint,
    ID: memberId ?? '-',
    VERSION: version,
    'DB SIZE': bytesText(dbSizeBytes),
    'IN USE': bytesText(dbSizeInUseBytes),
    'IS LEADER': String(memberId === leader),
    REVISION: String(revision),
    COMPACTED: String(compactRevision),
    KEYS: String(keys),
  };
  if (format === 'json') print(JSON.stringify([{ Endpoint: endpoint, Status: status }]));
  else if (format === 'fields') printFields({ endpoint, ...status });
  else if (format === 'table') printTable(Object.keys(cells), [Object.values(cells)]);
  else print(Object.values(cells).join(', '));
}

function printFields(fields: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(fields)) {
    print(`"${name[0].toUpperCase()}${name.slice(1)}" : ${JSON.stringify(value)}`);
  }
}
