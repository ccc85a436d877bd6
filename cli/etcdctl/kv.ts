/** `get`, `put`, `del` and `compaction`. */
import { Command } from 'commander';
import { InputError } from '../../api/index.ts';
import {
  ask,
  type KeyRange,
  type Op,
  prefixRange,
  type RangeOptions,
  type RangeResult,
  type TxnResult,
  Value,
} from '../../cluster/store/index.ts';
import { parseLease } from './lease.ts';
import { header, jsonOfKv, print, printKv, printRange } from './print.ts';
import { onStore, type TargetOptions, withTarget } from './target.ts';

interface RangeFlags {
  readonly prefix?: boolean;
  readonly fromKey?: boolean;
}

/** One key, all up to another, all with a prefix, or all from a key on; an empty key with a flag is every key. */
export function rangeOf(key: string, end: string | undefined, { prefix, fromKey }: RangeFlags): KeyRange {
  if ([prefix, fromKey, end !== undefined].filter(Boolean).length > 1) {
    throw new InputError('--prefix, --from-key and a second key exclude each other');
  }
  if (prefix) return prefixRange(key);
  if (fromKey) return { key: key === '' ? '\0' : key, rangeEnd: '\0' };
  return end === undefined ? { key } : { key, rangeEnd: end };
}

export function wholeNumber(text: string, flag: string): number {
  if (!/^\d+$/.test(text)) throw new InputError(`${flag} ${text}: a whole number is expected`);
  return Number(text);
}

const SORTS: Record<string, NonNullable<RangeOptions['sort']>['by']> = {
  KEY: 'key',
  VERSION: 'version',
  CREATE: 'create',
  MODIFY: 'mod',
  VALUE: 'value',
};

interface GetOptions extends TargetOptions, RangeFlags {
  readonly limit: string;
  readonly rev: string;
  readonly keysOnly?: boolean;
  readonly countOnly?: boolean;
  readonly printValueOnly?: boolean;
  readonly order?: string;
  readonly sortBy?: string;
}

export function getCommand(): Command {
  return withTarget(new Command('get'))
    .description('print a key, or the keys of a range')
    .argument('<key>')
    .argument('[range-end]', 'the first key that is not meant')
    .option('--prefix', 'all keys that begin with the key')
    .option('--from-key', 'all keys from the key on')
    .option('--limit <n>', 'at most so many', '0')
    .option('--rev <n>', 'as of this revision', '0')
    .option('--keys-only', 'without values')
    .option('--count-only', 'only how many there are')
    .option('--print-value-only', 'without keys')
    .option('--order <order>', 'ASCEND or DESCEND')
    .option('--sort-by <what>', Object.keys(SORTS).join(', '))
    .action((key: string, end: string | undefined, options: GetOptions) =>
      onStore(options, async (store) => {
        const range = rangeOf(key, end, options);
        const result = await ask<RangeResult>((answer) => store.range(range, rangeOptionsOf(options), answer));
        printRange(result, options.writeOut, options);
      }),
    );
}

function rangeOptionsOf({ limit, rev, keysOnly, countOnly, order, sortBy }: GetOptions): RangeOptions {
  const by = sortBy === undefined ? 'key' : SORTS[sortBy.toUpperCase()];
  if (by === undefined)
    throw new InputError(`--sort-by ${sortBy}: one of ${Object.keys(SORTS).join(', ')} is expected`);
  if (order !== undefined && !/^(ASC|DESC)END$/i.test(order))
    throw new InputError(`--order ${order}: ASCEND or DESCEND is expected`);
  return {
    limit: wholeNumber(limit, '--limit'),
    revision: wholeNumber(rev, '--rev'),
    keysOnly,
    countOnly,
    ...(order === undefined && sortBy === undefined ? {} : { sort: { by, descending: /^DESC/i.test(order ?? '') } }),
  };
}

interface PutOptions extends TargetOptions {
  readonly lease: string;
  readonly prevKv?: boolean;
  readonly ignoreValue?: boolean;
  readonly ignoreLease?: boolean;
}

export function putCommand(): Command {
  return withTarget(new Command('put'))
    .description('write a key')
    .argument('<key>')
    .argument('[value]', 'read from standard input when it is left out')
    .option('--lease <id>', 'attach the key to a lease (hexadecimal)', '0')
    .option('--prev-kv', 'print what was there')
    .option('--ignore-value', 'keep the value that is there')
    .option('--ignore-lease', 'keep the lease that is there')
    .action((key: string, value: string | undefined, options: PutOptions) =>
      onStore(options, async (store) => {
        const { prevKv, ignoreValue, ignoreLease } = options;
        const text = value ?? (ignoreValue ? undefined : await standardInput());
        const op: Op = {
          type: 'put',
          key,
          value: text === undefined ? undefined : Value.ofText(text),
          lease: parseLease(options.lease),
          prevKv,
          ignoreValue,
          ignoreLease,
        };
        const result = await ask<TxnResult>((answer) => store.txn({ compare: [], success: [op] }, answer));
        const [response] = result.responses;
        const before = response.type === 'put' ? response.prevKv : undefined;
        if (options.writeOut === 'json') {
          print(JSON.stringify({ ...header(result.revision), ...(before ? { prev_kv: jsonOfKv(before) } : {}) }));
        } else {
          print('OK');
          if (before !== undefined) printKv(before);
        }
      }),
    );
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

export function delCommand(): Command {
  return withTarget(new Command('del'))
    .description('delete a key, or the keys of a range')
    .argument('<key>')
    .argument('[range-end]', 'the first key that is not meant')
    .option('--prefix', 'all keys that begin with the key')
    .option('--from-key', 'all keys from the key on')
    .option('--prev-kv', 'print what was there')
    .action((key: string, end: string | undefined, options: TargetOptions & RangeFlags & { prevKv?: boolean }) =>
      onStore(options, async (store) => {
        const op: Op = { type: 'delete', ...rangeOf(key, end, options), prevKv: options.prevKv };
        const result = await ask<TxnResult>((answer) => store.txn({ compare: [], success: [op] }, answer));
        const [response] = result.responses;
        if (response.type !== 'delete') return;
        const { deleted, prevKvs } = response;
        if (options.writeOut === 'json') {
          const before = prevKvs.length === 0 ? {} : { prev_kvs: prevKvs.map(jsonOfKv) };
          print(JSON.stringify({ ...header(result.revision), deleted, ...before }));
        } else {
          print(String(deleted));
          for (const kv of prevKvs) printKv(kv);
        }
      }),
    );
}

export function compactCommand(): Command {
  return withTarget(new Command('compact'))
    .alias('compaction')
    .description('forget what nobody at the revision or later sees')
    .argument('<revision>')
    .action((revision: string, options: TargetOptions) =>
      onStore(options, async (store) => {
        await ask<void>((answer) => store.compact(wholeNumber(revision, 'revision'), answer));
        print(`compacted revision ${revision}`);
      }),
    );
}
