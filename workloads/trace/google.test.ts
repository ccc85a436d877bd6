/** One small hand-made file set per family: what its rows become, and what is counted. */
import { describe, expect, test } from 'vitest';
import { imported, requestsOf, times } from './import.fixture.ts';

const END = Number.POSITIVE_INFINITY;

describe('Google 2011', () => {
  const task = (seconds: number, index: number, type: number, rest = 'user,0,9,0.125,0.5,0.001,0') =>
    `${(600 + seconds) * 1e6},,6251,${index},,${type},${rest}\n`;
  const MACHINES = {
    'machine_events/part-00000-of-00001.csv': '0,5,0,plat,0.5,0.25\n700000000,5,1,plat,0.5,0.25\n0,6,0,plat,1,1\n',
  };

  test('a task is its last run; evicted it waits again; submitted again after its end it is another pod', async () => {
    const { list, files } = await imported('google-2011', {
      ...MACHINES,
      'task_events/part-00000-of-00001.csv':
        task(0, 0, 0) +
        task(10, 0, 1) +
        task(0, 1, 0) +
        task(20, 0, 2) +
        task(20, 0, 0) +
        task(30, 0, 1) +
        task(90, 0, 4) +
        task(100, 0, 0) +
        task(101, 0, 1) +
        task(111, 0, 3) +
        task(120, 2, 4),
    });
    expect(times(list.pods)).toEqual([
      ['6251-0', 0, 60, '6251', 0],
      ['6251-0-r1', 100, 10, '6251', 0],
      ['6251-1', 0, END, '6251', 0],
    ]);
    expect(requestsOf(list.pods[0]!.shape)).toEqual({ cpu: '8000m', memory: '131072Mi' });
    expect(list.pods[0]!.shape.spec.priority).toBe(9);
    expect(list.nodes.map(({ name, pool }) => [name, pool.allocatable.cpu])).toEqual([
      ['machine-5', '32000m'],
      ['machine-6', '64000m'],
    ]);
    expect(Object.fromEntries(files.flatMap(({ passedOver }) => [...passedOver]))).toEqual({
      'a removal of a machine': 1,
      'an end of a task that was not submitted': 1,
    });
  });

  test('constraints and different machines', async () => {
    const { list } = await imported('google-2011', {
      'machine_attributes/part-00000-of-00001.csv': '0,5,rs,3,0\n',
      ...MACHINES,
      'task_constraints/part-00000-of-00001.csv': '600000000,6251,0,0,rs,3\n600000000,6251,0,3,speed,7\n',
      'task_events/part-00000-of-00001.csv': task(0, 0, 0, 'user,0,0,0.1,0.1,0,1'),
    });
    expect(list.nodes[0]!.pool.labels).toMatchObject({ 'borg.berth.dev/rs': '3' });
    const { affinity, topologySpreadConstraints } = list.pods[0]!.shape.spec;
    expect(affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms).toEqual([
      {
        matchExpressions: [
          { key: 'borg.berth.dev/rs', operator: 'In', values: ['3'] },
          { key: 'borg.berth.dev/speed', operator: 'Gt', values: ['7'] },
        ],
      },
    ]);
    expect(topologySpreadConstraints?.[0]).toMatchObject({ maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' });
  });
});

test('Google 2019: allocs, limits per machine and switch, flat and nested amounts, ids of 64 bits', async () => {
  const lines = (...rows: object[]) =>
    rows
      .map((row) => JSON.stringify(row))
      .join('\n')
      .replaceAll('"@', '')
      .replaceAll('@"', '');
  const event = (type: number | string, seconds: number, rest: object) => ({
    time: String((600 + seconds) * 1e6),
    type,
    priority: 200,
    ...rest,
  });
  const { list, files } = await imported('google-2019', {
    'machine_events.json': lines({
      time: '0',
      machine_id: '@9223372036854775001@',
      type: 1,
      switch_id: 'sw=',
      capacity: { cpus: 0.5, memory: 0.25 },
    }),
    'collection_events.json': lines({ time: '0', type: 0, collection_id: '7', max_per_machine: 2, max_per_switch: 4 }),
    'instance_events.json': lines(
      event(0, 0, {
        collection_id: '3',
        collection_type: 1,
        instance_index: 0,
        resource_request: { cpus: 0.25, memory: 0.5 },
      }),
      event('SUBMIT', 1, {
        collection_id: '7',
        instance_index: 0,
        alloc_collection_id: '3',
        alloc_instance_index: 0,
        resource_request_cpus: 0.1,
        resource_request_memory: 0.1,
        constraint: [{ name: 'a', relation: 6 }],
      }),
      event('SCHEDULE', 2, { collection_id: '7', instance_index: 0 }),
      event('UPDATE_RUNNING', 3, { collection_id: '7', instance_index: 0 }),
      event('FINISH', 12, { collection_id: '7', instance_index: 0 }),
    ),
  });
  expect(list.nodes[0]).toMatchObject({
    name: 'machine-9223372036854775001',
    pool: { labels: { 'topology.kubernetes.io/rack': 'sw' }, allocatable: { cpu: '64000m' } },
  });
  expect(times(list.pods)).toEqual([
    ['7-0', 1, 10, '7', 0],
    ['3-0', 0, END, '3', 0],
  ]);
  const [inside, alloc] = list.pods;
  expect(alloc!.shape.labels).toEqual({ 'berth.dev/reservation': '3-0' });
  expect(requestsOf(alloc!.shape)).toEqual({ cpu: '32000m', memory: '262144Mi' });
  expect(requestsOf(inside!.shape)).toEqual({});
  expect(inside!.shape.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual([
    { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { 'berth.dev/reservation': '3-0' } } },
  ]);
  expect(
    inside!.shape.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
  ).toEqual([{ matchExpressions: [{ key: 'borg.berth.dev/a', operator: 'Exists' }] }]);
  expect(
    inside!.shape.spec.topologySpreadConstraints?.map(({ maxSkew, topologyKey }) => [maxSkew, topologyKey]),
  ).toEqual([
    [2, 'kubernetes.io/hostname'],
    [4, 'topology.kubernetes.io/rack'],
  ]);
  expect([...files.at(-1)!.passedOver]).toEqual([['a UPDATE_RUNNING of an instance', 1]]);
});
