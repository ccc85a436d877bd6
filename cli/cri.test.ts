/** `berth cri` and the nodes of `berth serve`, in this process. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { KubeObject, Pod } from '../api/index.ts';
import { WordIds } from '../cluster/apiserver/index.ts';
import { startWire } from '../cluster/apiserver/wire/index.ts';
import { RealClock } from '../cluster/clock.ts';
import { CriClient, type Version } from '../cluster/cri/index.ts';
import { nodeHost } from '../cluster/node-host.ts';
import { MemoryStore } from '../cluster/store/index.ts';
import { criCommand } from './cri.ts';
import { type NodesOptions, startNodes } from './serve-nodes.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'berth-nodes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const until = async (isTrue: () => boolean): Promise<void> => {
  for (let waited = 0; !isTrue(); waited += 20) {
    if (waited > 20_000) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('berth cri', () => {
  it('serves the runtime that was asked for until it is told to stop, and takes its socket away', async () => {
    const socket = path.join(folder, 'cri.sock');
    const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const args = ['--socket', socket, '--runtime', 'cri-o', '--runtime-set', 'runtimeVersion=1.35.1'];
    const running = criCommand().parseAsync(args, { from: 'user' });
    await until(() => out.mock.calls.length > 0);
    expect(out.mock.calls[0]?.[0]).toBe(`unix://${socket}\n`);
    const client = new CriClient({ socket, now: nodeHost.now });
    const version = await new Promise<Version>((resolve, reject) =>
      client.version((error, answer) => (error === undefined ? resolve(answer) : reject(error))),
    );
    expect(version).toMatchObject({ runtimeName: 'cri-o', runtimeVersion: '1.35.1' });
    client.close();
    process.emit('SIGTERM');
    await running;
    out.mockRestore();
    err.mockRestore();
    expect(existsSync(socket)).toBe(false);
  });

  it('refuses a figure that there is none of, and a file where the socket should be', async () => {
    const socket = path.join(folder, 'other.sock');
    const run = (...args: string[]) => criCommand().exitOverride().parseAsync(args, { from: 'user' });
    await expect(run('--socket', socket, '--runtime-set', 'sandbox=1')).rejects.toThrow(
      /^runtime containerd: no parameter "sandbox"/,
    );
    writeFileSync(socket, 'text');
    await expect(run('--socket', socket)).rejects.toThrow('there is a file, and it is no socket');
    await expect(run('--socket', `${socket}2`, '--behaviours', 'absent.yaml')).rejects.toThrow(
      '--behaviours absent.yaml: the file cannot be read',
    );
  });
});

describe('the nodes of berth serve', () => {
  const pods = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };

  async function served(options: Partial<NodesOptions>) {
    const clock = new RealClock(nodeHost);
    const store = new MemoryStore({ clock });
    let word = 1;
    const wire = await startWire({ store, clock, ids: new WordIds(() => word++), host: '127.0.0.1', port: 0 });
    const problems: string[] = [];
    const all = {
      nodes: 3,
      nodeCapacity: { cpu: '4' },
      zones: 2,
      runtime: 'instant',
      runtimeSet: {},
      ...options,
    } as const;
    const nodes = startNodes(wire, clock, all, (text) => problems.push(text));
    const client = wire.clientAs({ username: 'admin', groups: ['system:masters'] });
    const found = new Map<string, KubeObject>();
    const read = (): void =>
      client.list(pods, {}, (error, list) => {
        if (error === undefined) for (const item of list.items) found.set(item.metadata?.name ?? '', item);
      });
    const stop = async (): Promise<void> => {
      nodes?.stop();
      await wire.close();
      clock.stop();
    };
    const create = (name: string): void => {
      const spec = { nodeName: 'node-1', containers: [{ name: 'c', image: 'i:1' }] };
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
      client.create(pods, pod as unknown as KubeObject, {}, (error) => expect(error).toBeUndefined());
    };
    const phase = (name: string): string | undefined => {
      read();
      return (found.get(name) as Pod | undefined)?.status?.phase;
    };
    return { client, create, phase, stop, problems };
  }

  it('register with what they have, and run pods', async () => {
    const each = await served({});
    let nodes: readonly KubeObject[] = [];
    await until(() => {
      each.client.list({ group: '', version: 'v1', resource: 'nodes' }, {}, (_, list) => {
        nodes = list.items;
      });
      return nodes.length === 3;
    });
    expect(nodes[1]).toMatchObject({
      metadata: { name: 'node-1', labels: { 'topology.kubernetes.io/zone': 'zone-1' } },
      status: { capacity: { cpu: '4', memory: '256Gi', pods: '110' } },
    });
    each.create('web');
    await until(() => each.phase('web') === 'Running');
    expect(each.problems).toEqual([]);
    await each.stop();
  });

  it('leave the pods to Stages where there are some', async () => {
    const file = path.join(folder, 'stages.yaml');
    const stage = {
      kind: 'Stage',
      metadata: { name: 'x' },
      spec: {
        resourceRef: { kind: 'Pod' },
        selector: { matchExpressions: [{ key: '.status.phase', operator: 'In', values: ['Pending'] }] },
        next: { statusTemplate: 'phase: Succeeded' },
      },
    };
    writeFileSync(file, JSON.stringify(stage));
    const each = await served({ stages: file });
    each.create('web');
    await until(() => each.phase('web') === 'Succeeded');
    await each.stop();
  });
});
