/** `berth etcdctl` as users run it, on a store in a folder and, where there is one, on a real etcd. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EtcdCluster, hasEtcd, NO_ETCD, startEtcd } from '../cluster/store/etcd/etcd-process.fixture.ts';
import { BuiltCli } from './built-cli.fixture.ts';

let cli: BuiltCli;
let etcd: EtcdCluster | undefined;
beforeAll(async () => {
  cli = new BuiltCli();
  if (hasEtcd()) etcd = await startEtcd(1);
  else process.stderr.write(`${NO_ETCD}\n`);
}, 120_000);
afterAll(async () => {
  cli.remove();
  await etcd?.close();
});

const at = (name: string): string => path.join(cli.cwd, name);

async function etcdctl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await cli.run('etcdctl', ...args);
  if (code !== 0) throw new Error(`${args.join(' ')}: ${code}: ${stderr}`);
  return stdout;
}

const refusal = async (...args: string[]): Promise<{ code: number | null; stderr: string }> => {
  const { code, stderr } = await cli.run('etcdctl', ...args);
  return { code, stderr };
};

const revisionIn = (json: string): number => (JSON.parse(json) as { header: { revision: number } }).header.revision;

describe.each(['folder', 'etcd'] as const)('etcdctl on %s', (where) => {
  const target = (): string[] => (where === 'folder' ? ['--data', 'kv'] : ['--endpoints', etcd!.endpoints[0]!]);
  const test = where === 'folder' || hasEtcd() ? it : it.skip;

  test('puts, gets, deletes and watches', async () => {
    expect(await etcdctl('put', 'a/1', 'one', ...target())).toBe('OK\n');
    expect(await etcdctl('put', 'a/2', 'two', ...target())).toBe('OK\n');
    expect(await etcdctl('get', 'a/', '--prefix', ...target())).toBe('a/1\none\na/2\ntwo\n');
    expect(await etcdctl('put', 'a/1', 'uno', '--prev-kv', ...target())).toBe('OK\na/1\none\n');
    expect(await etcdctl('del', 'a/2', '--prev-kv', ...target())).toBe('1\na/2\ntwo\n');
    const now = revisionIn(await etcdctl('get', 'a/1', '-w', 'json', ...target()));
    // As it was before the last two.
    expect(await etcdctl('get', 'a/', '--prefix', '--rev', String(now - 2), ...target())).toBe('a/1\none\na/2\ntwo\n');
    const watched = cli.start(['etcdctl', 'watch', 'a/', '--prefix', '--rev', String(now - 1), ...target()]);
    let told = '';
    await new Promise<void>((resolve) => {
      watched.child.stdout!.on('data', (chunk) => {
        told += chunk;
        if (told.split('\n').length > 5) resolve();
      });
    });
    watched.child.kill('SIGINT');
    await watched.done;
    expect(told).toBe('PUT\na/1\nuno\nDELETE\na/2\n\n');
  });

  test('compacts: what is older can no longer be read', async () => {
    const now = revisionIn(await etcdctl('get', 'a/1', '-w', 'json', ...target()));
    expect(await etcdctl('compact', String(now), ...target())).toBe(`compacted revision ${now}\n`);
    expect(await refusal('get', 'a/1', '--rev', String(now - 1), ...target())).toEqual({
      code: 1,
      stderr: expect.stringMatching(/required revision has been compacted/),
    });
  });

  test('tells what there is, and gives space back', async () => {
    const line = await etcdctl('endpoint', 'status', ...target());
    expect(line).toMatch(/, \d+(\.\d+)? [kM]B, /);
    expect(await etcdctl('defrag', ...target())).toMatch(/^Finished defragmenting /);
  });

  test('saves a snapshot, restores it with its revisions, and refuses a damaged one', async () => {
    const file = `${where}.snap`;
    const before = await etcdctl('get', 'a/1', '-w', 'json', ...target());
    const now = revisionIn(before);
    expect(await etcdctl('snapshot', 'save', file, ...target())).toBe(`Snapshot saved at ${file}\n`);
    expect(await etcdctl('snapshot', 'status', file)).toMatch(new RegExp(`^[0-9a-f]{8}, ${now}, 1, `));
    const restored = `${where}-restored`;
    expect(await etcdctl('snapshot', 'restore', file, '--data', restored)).toBe(
      `restored ${file} into ${restored} at revision ${now}\n`,
    );
    const kvsIn = (json: string): object => (JSON.parse(json) as { kvs: object }).kvs;
    expect(kvsIn(await etcdctl('get', 'a/1', '-w', 'json', '--data', restored))).toEqual(kvsIn(before));
    expect(revisionIn(await etcdctl('put', 'b', '1', '-w', 'json', '--data', restored))).toBe(now + 1);

    const bytes = readFileSync(at(file));
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    writeFileSync(at('damaged.snap'), bytes);
    writeFileSync(at('short.snap'), readFileSync(at(file)).subarray(0, bytes.length - 7));
    for (const wrong of ['damaged.snap', 'short.snap']) {
      const { code, stderr } = await refusal('snapshot', 'restore', wrong, '--data', `${wrong}-restored`);
      expect({ code, stderr }).toEqual({ code: expect.any(Number), stderr: expect.stringContaining(wrong) });
      expect(code).not.toBe(0);
      expect(existsSync(at(`${wrong}-restored`))).toBe(false);
    }
    // What is there is not written over.
    expect((await refusal('snapshot', 'restore', file, '--data', restored)).code).not.toBe(0);
  });
});
