/** Watches of many, and of those who do not keep up. */
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../api/index.ts';
import type { ApiAnswer, ApiWatchEvent } from '../client.ts';
import { type Served, serveForTest } from './wire.fixture.ts';

const PODS = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const PATH = '/api/v1/namespaces/default/pods?watch=1';

const pod = (name: string, kilobytes = 0): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, annotations: { size: 'x'.repeat(kilobytes * 1024) } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  }) as KubeObject;

const promised = <T>(call: (answer: ApiAnswer<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, result) => (error === undefined ? resolve(result) : reject(error)));
  });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function create(served: Served, from: number, until: number, kilobytes: number): Promise<void> {
  for (let i = from; i < until; i++) {
    await promised((done) => served.client.create(PODS, pod(`p${i}`, kilobytes), {}, done));
    await turn();
  }
}

/** The head of the answer is there; its body waits for a reader. */
function opened({ url, credentials }: Served, query = ''): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${credentials.adminToken}` };
    get(`${url}${PATH}${query}`, { headers, agent: false }, resolve).on('error', reject);
  });
}

const namesOf = (events: readonly ApiWatchEvent[]): string[] =>
  events.map(({ object }) => (object as KubeObject).metadata?.name ?? '');

/** Whole lines as they come; `until` says when that is enough. Rejects when the stream breaks off. */
async function read(response: IncomingMessage, until = (_: ApiWatchEvent): boolean => false): Promise<ApiWatchEvent[]> {
  const events: ApiWatchEvent[] = [];
  let rest = '';
  for await (const chunk of response) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const event = JSON.parse(line) as ApiWatchEvent;
      events.push(event);
      if (until(event)) return events;
    }
  }
  expect(rest).toBe('');
  return events;
}

describe('a thousand watchers of one resource', () => {
  const WATCHERS = 1000;
  const EVENTS = 10;
  let served: Served;
  beforeAll(async () => {
    served = await serveForTest({ isTls: false });
  });
  afterAll(() => served.stop());

  it('all hear of every change, in order', async () => {
    const responses = await Promise.all(Array.from({ length: WATCHERS }, () => opened(served, '&resourceVersion=0')));
    const expected = Array.from({ length: EVENTS }, (_, i) => `p${i}`);
    const last = expected.at(-1);
    const told = responses.map((response) =>
      read(response, ({ object }) => (object as KubeObject).metadata?.name === last),
    );
    await create(served, 0, EVENTS, 0);
    for (const events of await Promise.all(told)) expect(namesOf(events)).toEqual(expected);
  });
});

describe('what a watcher has not read yet', () => {
  /** 40 MB: more than the server keeps, and than sockets hold. */
  const COUNT = 200;
  const KILOBYTES = 200;
  let served: Served;
  const openWatches = async (): Promise<number> => {
    const text = await served.http.metrics.registry.getSingleMetricAsString('apiserver_longrunning_requests');
    return Number(/ (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  beforeAll(async () => {
    served = await serveForTest({ isTls: false });
  });
  afterAll(() => served.stop());

  it('is dropped beyond 16 MiB: the stream ends after a whole event, and goes on from there without a gap', async () => {
    const slow = await opened(served, '&resourceVersion=0');
    await create(served, 0, COUNT, KILOBYTES);
    const first = await read(slow);
    expect(slow.complete).toBe(true);
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(COUNT);
    const { resourceVersion } = (first.at(-1)!.object as KubeObject).metadata!;
    const rest = await read(
      await opened(served, `&resourceVersion=${resourceVersion}`),
      ({ object }) => (object as KubeObject).metadata?.name === `p${COUNT - 1}`,
    );
    expect(namesOf([...first, ...rest])).toEqual(Array.from({ length: COUNT }, (_, i) => `p${i}`));
  });
  it('is no reason to end when it was there before: a state of 40 MB waits for its reader, and news comes after it', async () => {
    const query = '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const slow = await opened(served, query);
    await create(served, COUNT, COUNT + 1, 0);
    const events = await read(slow, ({ object }) => (object as KubeObject).metadata?.name === `p${COUNT}`);
    expect(events.slice(0, COUNT).every(({ type }) => type === 'ADDED')).toBe(true);
    expect(events[COUNT]).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
    expect(namesOf(events.slice(COUNT + 1))).toEqual([`p${COUNT}`]);
    expect(new Set(namesOf(events)).size).toBe(COUNT + 2);
  });
  it('is forgotten when the client goes away', async () => {
    const response = await opened(served, '&resourceVersion=0');
    expect(await openWatches()).toBe(1);
    response.destroy();
    for (let waited = 0; (await openWatches()) > 0 && waited < 5000; waited += 10) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await openWatches()).toBe(0);
  });
});
