/** Memory and embedded store against a model that keeps every state whole and knows nothing of trees, chains or files. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { openEmbeddedStore } from './embedded/embedded-store.ts';
import { MemoryStore } from './memory-store.ts';
import type { KeyValue, Op, Store } from './store.ts';
import type { StoreError } from './store-error.ts';
import { Value } from './value.ts';

interface Entry {
  readonly value: string;
  readonly create: number;
  readonly mod: number;
  readonly version: number;
}

/** One map per revision. */
class Model {
  readonly states: Map<string, Entry>[] = [new Map(), new Map()];
  readonly events: string[] = [];
  compacted = 0;

  get revision(): number {
    return this.states.length - 1;
  }

  write(changes: readonly Change[]): void {
    const next = new Map(this.states[this.revision]);
    const revision = this.revision + 1;
    const told: string[] = [];
    for (const change of changes) {
      if (change.value !== undefined) {
        const before = next.get(change.key);
        const version = (before?.version ?? 0) + 1;
        next.set(change.key, { value: change.value, create: before?.create ?? revision, mod: revision, version });
        told.push(`put ${change.key}=${change.value} @${revision}`);
      } else {
        const doomed = [...next.keys()].filter((key) => key >= change.key && key < change.end!).sort();
        for (const key of doomed) {
          next.delete(key);
          told.push(`delete ${key} @${revision}`);
        }
      }
    }
    if (told.length === 0) return;
    this.states.push(next);
    this.events.push(...told);
  }
}

interface Change {
  readonly key: string;
  /** Undefined: delete up to `end`. */
  readonly value?: string;
  readonly end?: string;
}

type Step =
  | { readonly kind: 'write'; readonly changes: readonly Change[] }
  | { readonly kind: 'compact'; readonly back: number }
  | { readonly kind: 'read'; readonly back: number; readonly from: string; readonly to: string; readonly limit: number }
  | { readonly kind: 'watch'; readonly back: number }
  | { readonly kind: 'reopen' };

const key = fc.constantFrom('a', 'a/1', 'a/2', 'b', 'b/1', 'c', 'd/x', 'é', '\uffff');
const put: fc.Arbitrary<Change> = fc.record({ key, value: fc.string({ minLength: 1, maxLength: 4 }) });
const deletion: fc.Arbitrary<Change> = fc.tuple(key, key).map(([from, end]) => ({ key: from, end }));
const isAllowed = (changes: readonly Change[]): boolean =>
  changes.every(
    (change, index) =>
      change.value === undefined ||
      changes.every((other, at) =>
        at === index
          ? true
          : other.value === undefined
            ? !(change.key >= other.key && change.key < other.end!)
            : other.key !== change.key,
      ),
  );
const back = fc.nat(8);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(fc.oneof(put, put, deletion), { minLength: 1, maxLength: 4 })
      .filter(isAllowed)
      .map((changes) => ({ kind: 'write', changes }) as Step),
  },
  { weight: 1, arbitrary: back.map((n) => ({ kind: 'compact', back: n }) as Step) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('read' as const), back, from: key, to: key, limit: fc.nat(4) }),
  },
  { weight: 2, arbitrary: back.map((n) => ({ kind: 'watch', back: n }) as Step) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' } as Step) },
);

const opOf = (change: Change): Op =>
  change.value === undefined
    ? { type: 'delete', key: change.key, rangeEnd: change.end }
    : { type: 'put', key: change.key, value: Value.ofText(change.value) };
const textOf = (kv: KeyValue): string =>
  `${kv.key}=${kv.value.text} c${kv.createRevision} m${kv.modRevision} v${kv.version}`;

async function check(
  steps: readonly Step[],
  open: () => Store,
  reopen: (store: Store) => Promise<Store>,
): Promise<void> {
  let store = open();
  const model = new Model();
  const heard: string[] = [];
  const listen = (startRevision: number, into: string[]) =>
    store.watch(
      { key: '\0', rangeEnd: '\0', startRevision },
      {
        events: (events) => {
          for (const { type, kv } of events) {
            into.push(
              type === 'put'
                ? `put ${kv.key}=${kv.value.text} @${kv.modRevision}`
                : `delete ${kv.key} @${kv.modRevision}`,
            );
          }
        },
      },
    );
  let listening = listen(2, heard);
  for (const one of steps) {
    if (one.kind === 'write') {
      model.write(one.changes);
      const result = await ask((answer: Parameters<Store['txn']>[1]) =>
        store.txn({ compare: [], success: one.changes.map(opOf) }, answer),
      );
      expect(result.revision).toBe(model.revision);
    } else if (one.kind === 'compact') {
      const revision = model.revision - one.back;
      const outcome = await ask<void>((answer) => store.compact(revision, answer)).then(
        () => 'done',
        (error: StoreError) => error.code,
      );
      expect(outcome).toBe(revision <= model.compacted ? 'Compacted' : 'done');
      model.compacted = Math.max(model.compacted, revision);
    } else if (one.kind === 'read') await compareRead(store, model, one);
    else if (one.kind === 'watch') {
      const from = Math.max(2, model.compacted + 1, model.revision - one.back);
      const past: string[] = [];
      const watcher = listen(from, past);
      watcher.cancel();
      expect(past).toEqual(model.events.filter((line) => Number(line.slice(line.lastIndexOf('@') + 1)) >= from));
    } else {
      listening.cancel();
      store = await reopen(store);
      listening = listen(model.revision + 1, heard);
    }
  }
  expect(heard).toEqual(model.events);
  await ask<void>((answer) => store.close(answer));
}

async function compareRead(store: Store, model: Model, read: Step & { kind: 'read' }): Promise<void> {
  const revision = model.revision - read.back;
  const options = { limit: read.limit, revision };
  const found = await ask((answer: Parameters<Store['range']>[2]) =>
    store.range({ key: read.from, rangeEnd: read.to }, options, answer),
  ).then(
    ({ kvs, more, count }) => ({ kvs: kvs.map(textOf), more, count }),
    (error: StoreError) => error.code,
  );
  // Nothing or less asks for the current revision.
  const at = revision <= 0 ? model.revision : revision;
  if (at < model.compacted) {
    expect(found).toBe('Compacted');
    return;
  }
  const entries = [...model.states[at]]
    .filter(([name]) => name >= read.from && name < read.to)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const kept = read.limit === 0 ? entries : entries.slice(0, read.limit);
  expect(found).toEqual({
    kvs: kept.map(([name, entry]) => `${name}=${entry.value} c${entry.create} m${entry.mod} v${entry.version}`),
    more: kept.length < entries.length,
    count: entries.length,
  });
}

describe('a store behaves as its model', () => {
  it('in memory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), (steps) =>
        check(
          steps,
          () => new MemoryStore(),
          async (store) => store,
        ),
      ),
      { numRuns: 150, seed: 11 },
    );
  });

  it('embedded, reopened now and then', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const folder = mkdtempSync(join(tmpdir(), 'berth-model-'));
        try {
          await check(
            steps,
            () => openEmbeddedStore({ folder }),
            async (store) => {
              await ask<void>((answer) => store.close(answer));
              return openEmbeddedStore({ folder });
            },
          );
        } finally {
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: 20, seed: 12 },
    );
  });
});
