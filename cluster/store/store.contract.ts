/** What every store must do, as one table that is run against all of them, a real etcd included. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { prefixRange } from './key-order.ts';
import type {
  Compare,
  KeyRange,
  KeyValue,
  Op,
  RangeOptions,
  Store,
  StoreEvent,
  Watcher,
  WatchHandler,
  WatchOptions,
} from './store.ts';
import type { StoreError, StoreErrorCode } from './store-error.ts';
import { TXN_OPS_MAX } from './txn-check.ts';
import { Value } from './value.ts';

export interface OpenedStore {
  readonly store: Store;
  close(): Promise<void>;
}

const text = (value: string): Value => Value.ofText(value);
const put = (key: string, value = 'v', more: Partial<Op> = {}): Op =>
  ({ type: 'put', key, value: text(value), ...more }) as Op;
const del = (key: string, rangeEnd?: string): Op => ({ type: 'delete', key, rangeEnd, prevKv: true });
const get = (key: string, options: RangeOptions = {}): Op => ({ type: 'range', key, ...options });
const modIs = (key: string, operand: number): Compare => ({ key, target: 'mod', operator: '=', operand });

const plain = (kv: KeyValue) => ({
  key: kv.key,
  value: kv.value.text,
  create: kv.createRevision,
  mod: kv.modRevision,
  version: kv.version,
  lease: kv.lease,
});

/** One test's corner of the store: keys of its own, and revisions that count from where it began. */
class Corner {
  readonly store: Store;
  readonly prefix: string;
  base = 0;
  private readonly watchers: Watcher[] = [];

  constructor(store: Store, prefix: string) {
    this.store = store;
    this.prefix = prefix;
  }

  key = (name: string): string => this.prefix + name;

  async begin(): Promise<void> {
    this.base = (await this.status()).revision;
  }

  status() {
    return ask((answer: Parameters<Store['status']>[0]) => this.store.status(answer));
  }

  txn(compare: readonly Compare[], success: readonly Op[], failure: readonly Op[] = []) {
    return ask((answer: Parameters<Store['txn']>[1]) => this.store.txn({ compare, success, failure }, answer));
  }

  async write(...ops: Op[]): Promise<number> {
    return (await this.txn([], ops)).revision - this.base;
  }

  put(name: string, value?: string, more?: Partial<Op>): Promise<number> {
    return this.write(put(this.key(name), value, more));
  }

  delete(name: string, rangeEnd?: string): Promise<number> {
    return this.write(del(this.key(name), rangeEnd === undefined ? undefined : this.key(rangeEnd)));
  }

  range(range: KeyRange, options: RangeOptions = {}) {
    return ask((answer: Parameters<Store['range']>[2]) => this.store.range(range, options, answer));
  }

  /** Names of all keys of the corner that the options leave. */
  async names(options: RangeOptions = {}): Promise<string[]> {
    const { kvs } = await this.range(prefixRange(this.prefix), options);
    return kvs.map(({ key }) => key.slice(this.prefix.length));
  }

  async get(name: string, options: RangeOptions = {}) {
    const { kvs } = await this.range({ key: this.key(name) }, options);
    return kvs.length === 0 ? undefined : this.relative(kvs[0]);
  }

  relative(kv: KeyValue) {
    const { key, create, mod, ...rest } = plain(kv);
    const from = (revision: number): number => (revision === 0 ? 0 : revision - this.base);
    return { key: key.slice(this.prefix.length), ...rest, create: from(create), mod: from(mod) };
  }

  compact(revision: number) {
    return ask<void>((answer) => this.store.compact(this.base + revision, answer));
  }

  watch(options: Partial<WatchOptions> = {}): Recorder {
    const recorder = new Recorder(this);
    const watcher = this.store.watch({ ...prefixRange(this.prefix), ...options }, recorder);
    recorder.watcher = watcher;
    this.watchers.push(watcher);
    return recorder;
  }

  end(): void {
    for (const watcher of this.watchers) watcher.cancel();
  }
}

class Recorder implements WatchHandler {
  watcher: Watcher | undefined;
  readonly batches: { events: readonly StoreEvent[]; revision: number }[] = [];
  readonly progressed: number[] = [];
  readonly errors: StoreError[] = [];
  private readonly corner: Corner;
  private wake = (): void => {};

  constructor(corner: Corner) {
    this.corner = corner;
  }

  events(events: readonly StoreEvent[], revision: number): void {
    this.batches.push({ events, revision });
    this.wake();
  }

  progress(revision: number): void {
    this.progressed.push(revision - this.corner.base);
    this.wake();
  }

  canceled(error: StoreError): void {
    this.errors.push(error);
    this.wake();
  }

  get lines(): string[] {
    return this.batches.flatMap(({ events }) => events.map((event) => this.line(event)));
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  async seen(count: number): Promise<string[]> {
    await this.until(() => this.lines.length >= count);
    return this.lines;
  }

  /** `put a=v @3` or `delete a @4`, with `was V` where the previous version came along. */
  private line({ type, kv, prevKv }: StoreEvent): string {
    const { key, value, mod } = this.corner.relative(kv);
    const was = prevKv === undefined ? '' : ` was ${prevKv.value.text}`;
    return type === 'put' ? `put ${key}=${value} @${mod}${was}` : `delete ${key} @${mod}${was}`;
  }
}

async function refused(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (refusal: StoreError) => refusal,
  );
  if (error === undefined) return 'accepted';
  return `${error.code}: ${error.message}`;
}

const refusalText: Partial<Record<StoreErrorCode, string>> = {
  Compacted: 'Compacted: etcdserver: mvcc: required revision has been compacted',
  FutureRevision: 'FutureRevision: etcdserver: mvcc: required revision is a future revision',
};

/** All cases in one corner each. */
const CASES: Record<string, (corner: Corner) => Promise<void>> = {
  'a put is one revision more, and gives createRevision, modRevision and version': async (c) => {
    expect(await c.put('a', '1')).toBe(1);
    expect(await c.get('a')).toEqual({ key: 'a', value: '1', create: 1, mod: 1, version: 1, lease: 0 });
    expect(await c.put('a', '2')).toBe(2);
    expect(await c.get('a')).toEqual({ key: 'a', value: '2', create: 1, mod: 2, version: 2, lease: 0 });
  },
  'two puts in one transaction share one revision': async (c) => {
    expect(await c.write(put(c.key('a')), put(c.key('b')))).toBe(1);
    expect((await c.get('a'))?.mod).toBe(1);
    expect((await c.get('b'))?.mod).toBe(1);
    expect(await c.put('c')).toBe(2);
  },
  'reads, deletes of nothing and failed comparisons make no revision': async (c) => {
    expect(await c.delete('nothing')).toBe(0);
    expect(await c.write(get(c.key('a')))).toBe(0);
    const { succeeded, revision } = await c.txn([modIs(c.key('a'), 5)], [put(c.key('a'))], [get(c.key('a'))]);
    expect([succeeded, revision - c.base]).toEqual([false, 0]);
    expect((await c.txn([], [])).revision - c.base).toBe(0);
  },
  'a deletion begins a new life: version 1 and a new createRevision': async (c) => {
    await c.put('a', '1');
    await c.put('a', '2');
    expect(await c.delete('a')).toBe(3);
    expect(await c.get('a')).toBeUndefined();
    await c.put('a', '3');
    expect(await c.get('a')).toEqual({ key: 'a', value: '3', create: 4, mod: 4, version: 1, lease: 0 });
  },
  'a deletion of a range counts, gives the previous versions, and is one revision': async (c) => {
    for (const name of ['a', 'b', 'c', 'd']) await c.put(name, name);
    const { responses, revision } = await c.txn([], [del(c.key('b'), c.key('d'))]);
    const [response] = responses;
    expect(revision - c.base).toBe(5);
    expect(response.type === 'delete' && [response.deleted, response.prevKvs.map((kv) => kv.value.text)]).toEqual([
      2,
      ['b', 'c'],
    ]);
    expect(await c.names()).toEqual(['a', 'd']);
  },
  'prevKv of a put is what was there, or absent': async (c) => {
    const previous = async (value: string): Promise<string | undefined> => {
      const [response] = (await c.txn([], [put(c.key('a'), value, { prevKv: true })])).responses;
      return response.type === 'put' ? response.prevKv?.value.text : 'no put';
    };
    expect(await previous('1')).toBeUndefined();
    expect(await previous('2')).toBe('1');
    await c.delete('a');
    expect(await previous('3')).toBeUndefined();
  },
  'empty and absent values are the same': async (c) => {
    await c.write({ type: 'put', key: c.key('a') });
    expect((await c.get('a'))?.value).toBe('');
  },
  'binary values come back byte by byte': async (c) => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await c.write({ type: 'put', key: c.key('a'), value: Value.ofBytes(bytes) });
    expect([...(await c.range({ key: c.key('a') })).kvs[0].value.bytes]).toEqual([...bytes]);
  },
  'an object is its JSON': async (c) => {
    await c.write({ type: 'put', key: c.key('a'), value: Value.of({ kind: 'Pod', größe: 1 }) });
    expect((await c.get('a'))?.value).toBe('{"kind":"Pod","größe":1}');
    expect((await c.range({ key: c.key('a') })).kvs[0].value.object).toEqual({ kind: 'Pod', größe: 1 });
  },

  'a range is in the order of UTF-8 bytes': async (c) => {
    const names = ['B', 'a', 'a/', 'a/b', 'a0', 'é', '\ud7ff', '\ue000', '\uffff', '😀'];
    for (const name of [...names].reverse()) await c.put(name);
    expect(await c.names()).toEqual(names);
    expect(await c.names({ sort: { by: 'key', descending: true } })).toEqual([...names].reverse());
  },
  'rangeEnd: half open, "\\0" for no end, backwards for nothing': async (c) => {
    for (const name of ['a', 'b', 'c']) await c.put(name);
    const found = async (key: string, rangeEnd?: string): Promise<string> => {
      const { kvs } = await c.range({
        key: c.key(key),
        rangeEnd: rangeEnd === undefined ? undefined : c.key(rangeEnd),
      });
      return kvs.map((kv) => kv.key.slice(c.prefix.length)).join('');
    };
    expect(await found('a')).toBe('a');
    expect(await found('a', 'c')).toBe('ab');
    expect(await found('aa', 'cc')).toBe('bc');
    expect(await found('c', 'a')).toBe('');
    expect(await found('b', 'b')).toBe('');
    const { kvs } = await c.range({ key: c.key('b'), rangeEnd: '\0' });
    expect(kvs.slice(0, 2).map((kv) => kv.key)).toEqual([c.key('b'), c.key('c')]);
  },
  'limit: more and the count of all': async (c) => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await c.put(name);
    await c.delete('c');
    const page = async (options: RangeOptions): Promise<unknown> => {
      const { kvs, more, count } = await c.range(prefixRange(c.prefix), options);
      return [kvs.length, more, count];
    };
    expect(await page({ limit: 2 })).toEqual([2, true, 4]);
    expect(await page({ limit: 4 })).toEqual([4, false, 4]);
    expect(await page({ limit: 9 })).toEqual([4, false, 4]);
    expect(await page({ limit: 0 })).toEqual([4, false, 4]);
    expect(await page({ countOnly: true })).toEqual([0, false, 4]);
    expect(await page({ limit: 2, sort: { by: 'mod', descending: true } })).toEqual([2, true, 4]);
    expect(await page({ limit: 2, revision: c.base + 5 })).toEqual([2, true, 5]);
    expect(await page({ countOnly: true, revision: c.base + 3 })).toEqual([0, false, 3]);
    expect(await page({ minModRevision: c.base + 4 })).toEqual([2, false, 4]);
  },
  'keysOnly leaves the values out': async (c) => {
    await c.put('a', 'long');
    expect(await c.get('a', { keysOnly: true })).toEqual({
      key: 'a',
      value: '',
      create: 1,
      mod: 1,
      version: 1,
      lease: 0,
    });
  },
  'sort by each target, both ways': async (c) => {
    await c.put('b', '9');
    await c.put('c', '7');
    await c.put('a', '8');
    await c.put('b', '9');
    await c.put('b', '9');
    await c.put('c', '7');
    const sorted = async (by: NonNullable<RangeOptions['sort']>['by'], descending: boolean): Promise<string> =>
      (await c.names({ sort: { by, descending } })).join('');
    expect([await sorted('key', false), await sorted('key', true)]).toEqual(['abc', 'cba']);
    expect([await sorted('create', false), await sorted('create', true)]).toEqual(['bca', 'acb']);
    expect([await sorted('mod', false), await sorted('mod', true)]).toEqual(['abc', 'cba']);
    expect([await sorted('version', false), await sorted('version', true)]).toEqual(['acb', 'bca']);
    expect([await sorted('value', false), await sorted('value', true)]).toEqual(['cab', 'bac']);
  },
  'bounds on modRevision and createRevision are inclusive': async (c) => {
    for (const name of ['a', 'b', 'c']) await c.put(name);
    await c.put('a');
    expect(await c.names({ minModRevision: c.base + 3 })).toEqual(['a', 'c']);
    expect(await c.names({ maxModRevision: c.base + 3 })).toEqual(['b', 'c']);
    expect(await c.names({ minCreateRevision: c.base + 2, maxCreateRevision: c.base + 2 })).toEqual(['b']);
  },
  'old revisions stay readable, also of what is deleted and reborn': async (c) => {
    await c.put('a', '1');
    await c.put('b', '1');
    await c.put('a', '2');
    await c.delete('a');
    await c.put('a', '3');
    const at = async (revision: number): Promise<string> => {
      const { kvs, revision: current } = await c.range(prefixRange(c.prefix), { revision: c.base + revision });
      expect(current - c.base).toBe(5);
      return kvs.map((kv) => `${kv.key.slice(c.prefix.length)}${kv.value.text}v${kv.version}`).join(' ');
    };
    expect(await at(1)).toBe('a1v1');
    expect(await at(2)).toBe('a1v1 b1v1');
    expect(await at(3)).toBe('a2v2 b1v1');
    expect(await at(4)).toBe('b1v1');
    expect(await at(5)).toBe('a3v1 b1v1');
  },
  'a revision of the future is refused': async (c) => {
    expect(await refused(c.get('a', { revision: c.base + 1 }))).toBe(refusalText.FutureRevision);
    expect(await refused(c.write(put(c.key('a')), get(c.key('a'), { revision: c.base + 9 })))).toBe(
      refusalText.FutureRevision,
    );
    expect(await c.get('a')).toBeUndefined();
  },

  'create if absent: mod, create or version 0': async (c) => {
    for (const target of ['mod', 'create', 'version'] as const) {
      const key = c.key(target);
      const compare: Compare[] = [{ key, target, operator: '=', operand: 0 }];
      expect((await c.txn(compare, [put(key)])).succeeded).toBe(true);
      expect((await c.txn(compare, [put(key)])).succeeded).toBe(false);
    }
  },
  'comparisons: each target, each operator': async (c) => {
    await c.put('x', 'old');
    await c.put('a', 'm');
    await c.put('a', 'm');
    const holds = async (target: Compare['target'], operand: number | Value): Promise<string> => {
      let operators = '';
      for (const operator of ['=', '!=', '>', '<'] as const) {
        const { succeeded } = await c.txn([{ key: c.key('a'), target, operator, operand }], [], []);
        if (succeeded) operators += ` ${operator}`;
      }
      return operators.trim();
    };
    const { base } = c;
    const targets = [
      ['version', 2],
      ['create', base + 2],
      ['mod', base + 3],
      ['lease', 0],
    ] as const;
    for (const [target, is] of targets) {
      expect([target, await holds(target, is)]).toEqual([target, '=']);
      expect([target, await holds(target, is + 1)]).toEqual([target, '!= <']);
      expect([target, await holds(target, is - 1)]).toEqual([target, '!= >']);
    }
    expect(await holds('value', text('m'))).toBe('=');
    expect(await holds('value', text('mm'))).toBe('!= <');
    expect(await holds('value', text('a'))).toBe('!= >');
  },
  'comparisons with what does not exist: numbers are 0, values never hold': async (c) => {
    const holds = async (compare: Partial<Compare>): Promise<boolean> =>
      (await c.txn([{ key: c.key('none'), operator: '=', operand: 0, target: 'mod', ...compare }], [])).succeeded;
    expect(await holds({})).toBe(true);
    expect(await holds({ target: 'version', operator: '<', operand: 1 })).toBe(true);
    expect(await holds({ target: 'value', operand: Value.empty })).toBe(false);
    expect(await holds({ target: 'value', operator: '!=', operand: text('x') })).toBe(false);
  },
  'a comparison of a range holds for every key in it': async (c) => {
    await c.put('a', 'v');
    await c.put('b', 'v');
    await c.put('b', 'v');
    const holds = async (operator: Compare['operator'], operand: number, end = 'c'): Promise<boolean> => {
      const range = { key: c.key('a'), rangeEnd: c.key(end) };
      return (await c.txn([{ ...range, target: 'version', operator, operand }], [])).succeeded;
    };
    expect(await holds('>', 0)).toBe(true);
    expect(await holds('=', 1)).toBe(false);
    expect(await holds('=', 1, 'b')).toBe(true);
    expect(await holds('<', 3)).toBe(true);
  },
  'all comparisons must hold': async (c) => {
    await c.put('a');
    const compare = [modIs(c.key('a'), c.base + 1), modIs(c.key('b'), 0)];
    expect((await c.txn(compare, [])).succeeded).toBe(true);
    expect((await c.txn([...compare, modIs(c.key('a'), 0)], [])).succeeded).toBe(false);
  },
  'operations see those before them; one transaction is one revision': async (c) => {
    const key = c.key('a');
    const { responses, revision } = await c.txn(
      [],
      [get(key), put(key, '1'), get(key), put(c.key('b')), get(c.key('b'))],
    );
    const found = responses.map((response) => (response.type === 'range' ? response.count : response.type));
    expect(found).toEqual([0, 'put', 1, 'put', 1]);
    expect(revision - c.base).toBe(1);
  },
  'a nested transaction compares before anything is written': async (c) => {
    const [a, b] = [c.key('a'), c.key('b')];
    const inner: Op = {
      type: 'txn',
      compare: [modIs(a, 0)],
      success: [put(b, 'absent')],
      failure: [put(b, 'present')],
    };
    const { responses, revision } = await c.txn([], [put(a), inner]);
    expect(revision - c.base).toBe(1);
    const nested = responses[1];
    expect(nested.type === 'txn' && [nested.succeeded, nested.responses.length, nested.responses[0].type]).toEqual([
      true,
      1,
      'put',
    ]);
    expect((await c.get('b'))?.value).toBe('absent');
    expect((await c.get('b'))?.mod).toBe(1);
  },
  'nested transactions nest, and the failed branch runs': async (c) => {
    const deep: Op = { type: 'txn', compare: [modIs(c.key('x'), 7)], success: [], failure: [put(c.key('deep'))] };
    const middle: Op = { type: 'txn', compare: [], success: [deep, put(c.key('middle'))], failure: [] };
    expect(await c.write(middle, put(c.key('top')))).toBe(1);
    expect(await c.names()).toEqual(['deep', 'middle', 'top']);
  },
  'a key may be written once per transaction': async (c) => {
    const duplicate = 'DuplicateKey: etcdserver: duplicate key given in txn request';
    const [a, b] = [c.key('a'), c.key('b')];
    const branch = (success: Op[], failure: Op[] = []): Op => ({ type: 'txn', compare: [], success, failure });
    expect(await refused(c.write(put(a), put(a)))).toBe(duplicate);
    expect(await refused(c.write(put(a), del(a)))).toBe(duplicate);
    expect(await refused(c.write(del(a, b), put(a)))).toBe(duplicate);
    expect(await refused(c.write(put(a), branch([put(a)])))).toBe(duplicate);
    expect(await refused(c.write(branch([put(a)]), branch([], [put(a)])))).toBe(duplicate);
    expect(await refused(c.write(branch([del(a)]), put(a)))).toBe(duplicate);
    expect(await refused(c.txn([modIs(a, 5)], [put(a), put(a)]))).toBe(duplicate);
    expect(await c.get('a')).toBeUndefined();
    expect(await refused(c.write(branch([put(a)], [put(a)])))).toBe('accepted');
    expect(await refused(c.write(del(a), del(a), put(b)))).toBe('accepted');
  },
  [`at most ${TXN_OPS_MAX} operations`]: async (c) => {
    const tooMany = 'TooManyOps: etcdserver: too many operations in txn request';
    const puts = (count: number): Op[] => Array.from({ length: count }, (_, index) => put(c.key(`k${index}`)));
    expect(await refused(c.write(...puts(TXN_OPS_MAX)))).toBe('accepted');
    expect(await refused(c.write(...puts(TXN_OPS_MAX + 1)))).toBe(tooMany);
    const compare = Array.from({ length: TXN_OPS_MAX + 1 }, () => modIs(c.key('x'), 0));
    expect(await refused(c.txn(compare, []))).toBe(tooMany);
  },
  'empty keys are refused': async (c) => {
    const empty = 'EmptyKey: etcdserver: key is not provided';
    expect(await refused(c.range({ key: '' }))).toBe(empty);
    expect(await refused(c.write(put('')))).toBe(empty);
    expect(await refused(c.write(del('')))).toBe(empty);
    expect(await refused(c.txn([modIs('', 0)], []))).toBe(empty);
  },
  'ignoreValue and ignoreLease keep what is there': async (c) => {
    const key = c.key('a');
    const missing = 'KeyNotFound: etcdserver: key not found';
    expect(await refused(c.write({ type: 'put', key, ignoreValue: true }))).toBe(missing);
    expect(await refused(c.write({ type: 'put', key, ignoreLease: true }))).toBe(missing);
    await c.put('a', 'kept');
    await c.write({ type: 'put', key, ignoreValue: true });
    expect(await c.get('a')).toMatchObject({ value: 'kept', version: 2 });
    const lease = await ask((answer: Parameters<Store['leaseGrant']>[2]) => c.store.leaseGrant(600, undefined, answer));
    await c.put('a', 'leased', { lease: lease.id });
    await c.write({ type: 'put', key, value: text('new'), ignoreLease: true });
    expect(await c.get('a')).toMatchObject({ value: 'new', lease: lease.id });
    expect(await refused(c.write({ type: 'put', key, value: text('x'), ignoreValue: true }))).toBe(
      'ValueProvided: etcdserver: value is provided',
    );
    expect(await refused(c.write({ type: 'put', key, lease: lease.id, ignoreLease: true }))).toBe(
      'LeaseProvided: etcdserver: lease is provided',
    );
    await ask<void>((answer) => c.store.leaseRevoke(lease.id, answer));
  },
  'a request above 1.5 MiB is refused': async (c) => {
    const put17 = c.write({ type: 'put', key: c.key('a'), value: Value.ofBytes(new Uint8Array(1.7 * 1024 * 1024)) });
    expect(await refused(put17)).toBe('RequestTooLarge: etcdserver: request is too large');
    expect(await c.get('a')).toBeUndefined();
  },

  'compaction: reads at it work, below it not; twice and the future are refused': async (c) => {
    await c.put('a', '1');
    await c.put('a', '2');
    await c.put('b', '1');
    await c.delete('b');
    await c.put('a', '3');
    await c.compact(3);
    expect(await refused(c.get('a', { revision: c.base + 2 }))).toBe(refusalText.Compacted);
    expect((await c.get('a', { revision: c.base + 3 }))?.value).toBe('2');
    expect(await c.names({ revision: c.base + 3 })).toEqual(['a', 'b']);
    expect(await c.names({ revision: c.base + 4 })).toEqual(['a']);
    expect(await refused(c.compact(3))).toBe(refusalText.Compacted);
    expect(await refused(c.compact(2))).toBe(refusalText.Compacted);
    expect(await refused(c.compact(6))).toBe(refusalText.FutureRevision);
    await c.compact(5);
    expect(await c.get('a')).toEqual({ key: 'a', value: '3', create: 1, mod: 5, version: 3, lease: 0 });
    expect(await c.put('b', '2')).toBe(6);
    expect(await c.get('b')).toMatchObject({ version: 1, create: 6 });
  },

  'a watch from now sees what comes, whole revisions in order': async (c) => {
    await c.put('before');
    const watch = c.watch();
    watch.watcher!.requestProgress();
    await watch.until(() => watch.progressed.length > 0);
    await c.put('a', '1');
    await c.write(put(c.key('b'), '2'), put(c.key('a'), '3'), del(c.key('before')));
    await c.delete('a');
    expect(await watch.seen(5)).toEqual(['put a=1 @2', 'put b=2 @3', 'put a=3 @3', 'delete before @3', 'delete a @4']);
    for (const { events, revision } of watch.batches) {
      expect(revision).toBe(events[events.length - 1].kv.modRevision);
    }
    const batchOf = (revision: number): number =>
      watch.batches.filter(({ events }) => events.some(({ kv }) => kv.modRevision === c.base + revision)).length;
    expect([batchOf(2), batchOf(3), batchOf(4)]).toEqual([1, 1, 1]);
  },
  'a watch from a past revision sees it and all after it once': async (c) => {
    await c.put('a', '1');
    await c.put('a', '2');
    await c.delete('a');
    const watch = c.watch({ startRevision: c.base + 2 });
    await c.put('b', '3');
    expect(await watch.seen(3)).toEqual(['put a=2 @2', 'delete a @3', 'put b=3 @4']);
  },
  'a watch from a future revision waits for it': async (c) => {
    const watch = c.watch({ startRevision: c.base + 3 });
    await c.put('a', '1');
    await c.put('a', '2');
    await c.put('a', '3');
    expect(await watch.seen(1)).toEqual(['put a=3 @3']);
  },
  'events of a deletion carry key and revision only; prevKv when asked': async (c) => {
    await c.put('a', '1');
    const watch = c.watch({ startRevision: c.base + 1, prevKv: true });
    await c.put('a', '2');
    await c.delete('a');
    await c.put('a', '3');
    expect(await watch.seen(4)).toEqual(['put a=1 @1', 'put a=2 @2 was 1', 'delete a @3 was 2', 'put a=3 @4']);
    const { events } = watch.batches.find((batch) => batch.events.some(({ type }) => type === 'delete'))!;
    const { kv } = events.find(({ type }) => type === 'delete')!;
    expect(c.relative(kv)).toEqual({ key: 'a', value: '', create: 0, mod: 3, version: 0, lease: 0 });
  },
  'watches of one key, of a range, without puts, without deletions': async (c) => {
    const startRevision = c.base + 1;
    const one = c.watch({ key: c.key('b'), rangeEnd: undefined, startRevision });
    const some = c.watch({ key: c.key('b'), rangeEnd: c.key('d'), startRevision });
    const deletions = c.watch({ noPut: true, startRevision });
    const puts = c.watch({ noDelete: true, startRevision });
    for (const name of ['a', 'b', 'c', 'd']) await c.put(name, '1');
    await c.delete('a', 'd');
    await c.put('b', '2');
    await c.put('d', 'end');
    expect(await one.seen(3)).toEqual(['put b=1 @2', 'delete b @5', 'put b=2 @6']);
    expect(await some.seen(5)).toEqual(['put b=1 @2', 'put c=1 @3', 'delete b @5', 'delete c @5', 'put b=2 @6']);
    expect(await deletions.seen(3)).toEqual(['delete a @5', 'delete b @5', 'delete c @5']);
    expect(await puts.seen(6)).toEqual([
      'put a=1 @1',
      'put b=1 @2',
      'put c=1 @3',
      'put d=1 @4',
      'put b=2 @6',
      'put d=end @7',
    ]);
  },
  'a watch below the compacted revision is canceled with it; from it, it works': async (c) => {
    await c.put('a', '1');
    await c.put('a', '2');
    await c.put('a', '3');
    await c.compact(2);
    const late = c.watch({ startRevision: c.base + 1 });
    await late.until(() => late.errors.length > 0);
    expect(late.errors.map(({ code, message, compactRevision }) => [`${code}: ${message}`, compactRevision])).toEqual([
      [refusalText.Compacted, c.base + 2],
    ]);
    expect(late.lines).toEqual([]);
    const intime = c.watch({ startRevision: c.base + 2 });
    expect(await intime.seen(2)).toEqual(['put a=2 @2', 'put a=3 @3']);
  },
  'a watch that was canceled hears no more': async (c) => {
    const watch = c.watch({ startRevision: c.base + 1 });
    const witness = c.watch({ startRevision: c.base + 1 });
    await c.put('a', '1');
    await watch.seen(1);
    watch.watcher!.cancel();
    await c.put('a', '2');
    expect(await witness.seen(2)).toHaveLength(2);
    expect(watch.lines).toEqual(['put a=1 @1']);
    expect(watch.errors).toEqual([]);
  },
  'requestProgress answers with the revision up to which all was seen': async (c) => {
    const watch = c.watch({ startRevision: c.base + 1 });
    const mine = await c.put('a', '1');
    await watch.seen(1);
    watch.watcher!.requestProgress();
    await watch.until(() => watch.progressed.length > 0);
    expect(watch.progressed[0]).toBeGreaterThanOrEqual(mine);
  },

  'a revoked lease takes its keys along in one revision': async (c) => {
    const lease = await ask((answer: Parameters<Store['leaseGrant']>[2]) => c.store.leaseGrant(600, undefined, answer));
    expect(lease.ttlS).toBe(600);
    await c.put('a', '1', { lease: lease.id });
    await c.put('b', '1', { lease: lease.id });
    await c.put('free', '1', { lease: lease.id });
    await c.put('free', '1');
    const status = await ask((answer: Parameters<Store['leaseTimeToLive']>[1]) =>
      c.store.leaseTimeToLive(lease.id, answer),
    );
    expect({ ...status, ttlS: status.ttlS > 590 }).toEqual({
      id: lease.id,
      ttlS: true,
      grantedTtlS: 600,
      keys: [c.key('a'), c.key('b')],
    });
    const watch = c.watch({ startRevision: c.base + 5 });
    await ask<void>((answer) => c.store.leaseRevoke(lease.id, answer));
    expect(await watch.seen(2)).toEqual(['delete a @5', 'delete b @5']);
    expect(await c.names()).toEqual(['free']);
    expect((await c.status()).revision - c.base).toBe(5);
  },
  'leases: given ids, lists, renewal, and what is unknown': async (c) => {
    const grant = (ttlS: number, id?: number) =>
      ask((answer: Parameters<Store['leaseGrant']>[2]) => c.store.leaseGrant(ttlS, id, answer));
    const id = 7_000_000 + c.base;
    expect((await grant(100, id)).id).toBe(id);
    expect(await refused(grant(100, id))).toBe('LeaseExists: etcdserver: lease already exists');
    const list = () => ask((answer: Parameters<Store['leases']>[0]) => c.store.leases(answer));
    expect(await list()).toContain(id);
    const renewed = await ask((answer: Parameters<Store['leaseKeepAlive']>[1]) => c.store.leaseKeepAlive(id, answer));
    expect(renewed.ttlS).toBe(100);
    await ask<void>((answer) => c.store.leaseRevoke(id, answer));
    expect(await list()).not.toContain(id);
    const unknown = 'LeaseNotFound: etcdserver: requested lease not found';
    expect(await refused(ask<void>((answer) => c.store.leaseRevoke(id, answer)))).toBe(unknown);
    expect(await refused(c.put('a', '1', { lease: id }))).toBe(unknown);
    expect(
      await refused(ask((answer: Parameters<Store['leaseKeepAlive']>[1]) => c.store.leaseKeepAlive(id, answer))),
    ).toBe(unknown);
    const gone = await ask((answer: Parameters<Store['leaseTimeToLive']>[1]) => c.store.leaseTimeToLive(id, answer));
    expect([gone.ttlS, gone.keys]).toEqual([-1, []]);
    expect((await c.status()).revision).toBe(c.base);
  },
  'status: revision, compacted revision, version; defragmenting changes nothing': async (c) => {
    await c.put('a', '1');
    await ask<void>((answer) => c.store.defrag(answer));
    const { revision, version, dbSizeInUseBytes, dbSizeBytes } = await c.status();
    expect(revision - c.base).toBe(1);
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(dbSizeInUseBytes).toBeLessThanOrEqual(dbSizeBytes);
    expect((await c.get('a'))?.value).toBe('1');
  },
};

/** Runs the table against a store that `open` gives; the store is shared by all cases. */
export function describeStoreContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} keeps the contract`, () => {
    let opened: OpenedStore;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());
    Object.entries(CASES).forEach(([title, run], index) => {
      it(title, async () => {
        const corner = new Corner(opened.store, `/case-${index}/`);
        await corner.begin();
        try {
          await run(corner);
        } finally {
          corner.end();
        }
      });
    });
  });
}
