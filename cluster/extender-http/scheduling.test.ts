/** Schedulers with extenders that are really there, or not: what becomes of the pods. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pod } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { resolveConfig } from '../../scheduler/config/index.ts';
import { createScheduler, type PodOutcome } from '../../scheduler/index.ts';
import { AUTHORITY, SERVER } from './certificates.fixture.ts';
import { FaultyServer } from './faulty-server.fixture.ts';
import { httpTransport } from './index.ts';

const TIMEOUT = '300ms';
const NODES = ['n1', 'n2', 'n3'];

function schedulerWith(...extenders: object[]) {
  const text = JSON.stringify({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    extenders: extenders.map((extender) => ({ nodeCacheCapable: true, httpTimeout: TIMEOUT, ...extender })),
  });
  const config = resolveConfig(text, inTreePlugins);
  const scheduler = createScheduler({ config, registry: inTreePlugins, extenderTransport: httpTransport });
  for (const name of NODES) {
    scheduler.cluster.addNode({ metadata: { name }, status: { allocatable: { cpu: '4', memory: '8Gi', pods: '10' } } });
  }
  return scheduler;
}

let pods = 0;
const pod = (): Pod => ({ metadata: { name: `p${pods++}` }, spec: { containers: [{ name: 'c', image: 'i' }] } });

const schedule = (...extenders: object[]): PodOutcome => schedulerWith(...extenders).schedule(pod());

describe('an extender on the network', () => {
  let server: FaultyServer;
  beforeAll(async () => {
    server = await FaultyServer.start();
  });
  afterAll(() => server.stop());
  const filter = (behaviour: string, more: object = {}) => ({
    urlPrefix: server.url(behaviour),
    filterVerb: 'filter',
    ...more,
  });

  test('filters', () => {
    expect(schedule(filter('ok')).node).toBe('n1');
  });

  test('prioritizes', () => {
    const extender = { urlPrefix: server.url('second'), prioritizeVerb: 'prioritize', weight: 1 };
    expect(schedule(filter('all'), extender).node).toBe('n2');
  });

  test('binds', () => {
    expect(schedule({ urlPrefix: server.url('ok'), bindVerb: 'bind' }).outcome).toBe('scheduled');
    expect(schedule({ urlPrefix: server.url('refuse'), bindVerb: 'bind' }).error).toBe('not today');
  });

  test.each([
    ['hang', 'Post "URL": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'],
    ['hang-body', 'context deadline exceeded (Client.Timeout or context cancellation while reading body)'],
    ['close', 'Post "URL": EOF'],
    ['close-in-body', 'unexpected EOF'],
    ['status-500', 'failed filter with extender at URL URL, code 500'],
    ['status-204', 'failed filter with extender at URL URL, code 204'],
    ['empty-body', 'EOF'],
    ['refuse', 'not today'],
    [
      'wrong-type',
      'json: cannot unmarshal string into Go struct field ExtenderFilterResult.NodeNames of type []string',
    ],
  ])('that does what it should not (%s) fails the pod: %s', (behaviour, expected) => {
    const { outcome, error } = schedule(filter(behaviour));
    expect({ outcome, error }).toEqual({
      outcome: 'error',
      error: expected
        .replace('URL URL', `URL ${server.url(behaviour)}/filter`)
        .replace('"URL"', `"${server.url(behaviour)}/filter"`),
    });
  });

  test.each(['hang', 'close', 'status-500', 'wrong-type'])('that may fail (%s) is passed over', (behaviour) => {
    expect(schedule(filter(behaviour, { ignorable: true }), filter('ok')).node).toBe('n1');
  });

  test('that fails to prioritize, or binds no more, leaves it to others', () => {
    const extender = { urlPrefix: server.url('close'), prioritizeVerb: 'prioritize', weight: 1 };
    expect(schedule(extender).outcome).toBe('scheduled');
    expect(schedule({ urlPrefix: server.url('close'), bindVerb: 'bind', ignorable: true }).outcome).toBe('scheduled');
  });
});

test('an extender that dies between two pods', async () => {
  const server = await FaultyServer.start();
  const scheduler = schedulerWith({ urlPrefix: server.url('ok'), filterVerb: 'filter' });
  expect(scheduler.schedule(pod()).outcome).toBe('scheduled');
  await server.stop();
  const { error } = scheduler.schedule(pod());
  const post = `Post "${server.url('ok')}/filter": `;
  // The connection that was kept may be found broken before the port is found closed.
  const ends = ['EOF', `dial tcp 127.0.0.1:${server.port}: connect: connection refused`];
  const resets = /read tcp 127\.0\.0\.1:\d+->127\.0\.0\.1:\d+: read: connection reset by peer$/;
  expect(ends.map((end) => post + end).includes(error!) || resets.test(error!)).toBe(true);
  expect(scheduler.schedule(pod()).error).toBe(post + ends[1]);
});

test('HTTPS with an authority of its own', async () => {
  const server = await FaultyServer.start(SERVER);
  const tls = { caData: Buffer.from(AUTHORITY).toString('base64') };
  const extender = { urlPrefix: server.url('ok', 'https'), filterVerb: 'filter', enableHTTPS: true };
  expect(schedule({ ...extender, tlsConfig: tls }).node).toBe('n1');
  expect(schedule({ ...extender, tlsConfig: { ...tls, serverName: 'nope.example' } }).error).toBe(
    `Post "${server.url('ok', 'https')}/filter": tls: failed to verify certificate: x509: certificate is valid for extender.example, not nope.example`,
  );
  await server.stop();
});
