/**
 * `txn`: comparisons, requests on success and requests on failure from standard input, three parts that empty lines end, in
 * etcdctl's language: `mod("key") = "5"`, `put key "a value"`, `get key`, `del key`.
 */
import { Command } from 'commander';
import { InputError } from '../../api/index.ts';
import { ask, type Compare, type Op, type TxnResult, Value } from '../../cluster/store/index.ts';
import { parseLease } from './lease.ts';
import { print, printKv } from './print.ts';
import { onStore, type TargetOptions, withTarget } from './target.ts';

export function txnCommand(): Command {
  return withTarget(new Command('txn'))
    .description('all or nothing: comparisons and requests from standard input')
    .action((options: TargetOptions) =>
      onStore(options, async (store) => {
        const chunks: Buffer[] = [];
        for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
        const txn = parseTxn(Buffer.concat(chunks).toString());
        const result = await ask<TxnResult>((answer) => store.txn(txn, answer));
        if (options.writeOut === 'json') print(JSON.stringify(result));
        else printResult(result);
      }),
    );
}

function printResult({ succeeded, responses }: TxnResult): void {
  print(succeeded ? 'SUCCESS' : 'FAILURE');
  for (const response of responses) {
    print('');
    if (response.type === 'put') print('OK');
    else if (response.type === 'delete') print(String(response.deleted));
    else if (response.type === 'range') for (const kv of response.kvs) printKv(kv);
  }
}

export function parseTxn(text: string): { compare: Compare[]; success: Op[]; failure: Op[] } {
  const parts: string[][] = [[], [], []];
  let part = 0;
  text.split('\n').forEach((line, index) => {
    const place = `standard input:${index + 1}`;
    if (line.trim() === '') part++;
    else if (part < parts.length) parts[part].push(`${place}\n${line.trim()}`);
    else throw new InputError(`${place}: the transaction has three parts, and this is after the third`);
  });
  const each = <T>(lines: readonly string[], parse: (line: string, place: string) => T): T[] =>
    lines.map((line) => parse(line.slice(line.indexOf('\n') + 1), line.slice(0, line.indexOf('\n'))));
  return { compare: each(parts[0], parseCompare), success: each(parts[1], parseOp), failure: each(parts[2], parseOp) };
}

const COMPARE =
  /^(ver|version|c|create|m|mod|val|value|l|lease)\("((?:[^"\\]|\\.)*)"\)\s*(!=|=|>|<)\s*"((?:[^"\\]|\\.)*)"$/;
const TARGETS: Record<string, Compare['target']> = { v: 'version', c: 'create', m: 'mod', l: 'lease' };

function parseCompare(line: string, place: string): Compare {
  const match = COMPARE.exec(line);
  if (match === null) throw new InputError(`${place}: "${line}" is no comparison; one is mod("key") = "5"`);
  const [, name, key, operator, operand] = match;
  const target = name.startsWith('val') ? 'value' : TARGETS[name[0]];
  const number = target === 'lease' ? parseLease(operand) : Number(operand);
  if (target !== 'value' && !Number.isSafeInteger(number)) {
    throw new InputError(`${place}: "${operand}" is no whole number, which ${name} is compared with`);
  }
  return {
    key: unquoted(key),
    target,
    operator: operator as Compare['operator'],
    operand: target === 'value' ? Value.ofText(unquoted(operand)) : number,
  };
}

function parseOp(line: string, place: string): Op {
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, bare]) => bare ?? unquoted(quoted));
  const [verb, key, second] = words;
  if (verb === 'put' && words.length === 3) return { type: 'put', key, value: Value.ofText(second) };
  const rangeEnd = words.length === 3 ? { rangeEnd: second } : {};
  if (verb === 'get' && (words.length === 2 || words.length === 3)) return { type: 'range', key, ...rangeEnd };
  if (verb === 'del' && (words.length === 2 || words.length === 3)) return { type: 'delete', key, ...rangeEnd };
  throw new InputError(`${place}: "${line}" is no request; those are put KEY VALUE, get KEY [END] and del KEY [END]`);
}

const unquoted = (text: string): string =>
  text.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
