import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../api/index.ts';
import { humanDuration } from './age.ts';
import { printerOf } from './printers.ts';

const NOW = Date.parse('2026-03-04T12:00:00Z');
const cells = (kind: string, object: object): readonly unknown[] =>
  printerOf(kind).cells({ kind, ...object } as KubeObject, NOW);

describe('age, as upstream shows it', () => {
  it.each([
    [-5000, '<invalid>'],
    [0, '0s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [303_000, '5m3s'],
    [599_000, '9m59s'],
    [3600_000, '60m'],
    [3 * 3600_000, '3h'],
    [3 * 3600_000 + 60_000, '3h1m'],
    [47 * 3600_000, '47h'],
    [49 * 3600_000, '2d1h'],
    [30 * 86400_000, '30d'],
    [800 * 86400_000, '2y70d'],
  ])('%i ms: %s', (ms, text) => expect(humanDuration(ms)).toBe(text));
});

describe('the row of a pod: ready, status, restarts', () => {
  const row = (status: object, more: { metadata?: object; spec?: object } = {}): unknown => {
    const spec = { containers: [{ name: 'a' }, { name: 'b' }], ...more.spec };
    return cells('Pod', { metadata: { name: 'p', ...more.metadata }, spec, status }).slice(1, 4);
  };
  const running = (restartCount = 0) => ({ ready: true, restartCount, state: { running: {} } });
  const ended = (exitCode: number, reason = '') => ({ restartCount: 0, state: { terminated: { exitCode, reason } } });
  const waiting = (reason: string) => ({ restartCount: 0, state: { waiting: { reason } } });
  it.each([
    ['Pending', { phase: 'Pending' }, ['0/2', 'Pending', '0']],
    [
      'gated',
      { phase: 'Pending', conditions: [{ type: 'PodScheduled', reason: 'SchedulingGated' }] },
      ['0/2', 'SchedulingGated', '0'],
    ],
    ['running', { phase: 'Running', containerStatuses: [running(), running()] }, ['2/2', 'Running', '0']],
    [
      'crashing',
      { phase: 'Running', containerStatuses: [running(), waiting('CrashLoopBackOff')] },
      ['1/2', 'CrashLoopBackOff', '0'],
    ],
    [
      'done',
      { phase: 'Succeeded', containerStatuses: [ended(0, 'Completed'), ended(0, 'Completed')] },
      ['0/2', 'Completed', '0'],
    ],
    [
      'one failed',
      { phase: 'Failed', containerStatuses: [ended(0, 'Completed'), ended(1, 'Error')] },
      ['0/2', 'Error', '0'],
    ],
    ['exit code', { phase: 'Failed', containerStatuses: [ended(3), ended(3)] }, ['0/2', 'ExitCode:3', '0']],
    ['evicted', { phase: 'Failed', reason: 'Evicted' }, ['0/2', 'Evicted', '0']],
    [
      'restarted',
      {
        phase: 'Running',
        containerStatuses: [
          running(),
          { ...running(3), lastState: { terminated: { finishedAt: '2026-03-04T11:55:00Z' } } },
        ],
      },
      ['2/2', 'Running', '3 (5m ago)'],
    ],
  ])('%s', (_, status, expected) => expect(row(status)).toEqual(expected));
  it('tells how far init containers are, and counts sidecars', () => {
    const spec = { initContainers: [{ name: 'i' }, { name: 's', restartPolicy: 'Always' }] };
    const first = { phase: 'Pending', initContainerStatuses: [{ name: 'i', restartCount: 1, state: { running: {} } }] };
    expect(row(first, { spec })).toEqual(['0/3', 'Init:0/2', '1']);
    const failed = { phase: 'Pending', initContainerStatuses: [{ name: 'i', ...ended(1, 'Error') }] };
    expect(row(failed, { spec })).toEqual(['0/3', 'Init:Error', '0']);
    const later = {
      phase: 'Running',
      initContainerStatuses: [
        { name: 'i', ...ended(0, 'Completed') },
        { name: 's', ...running(2), started: true },
      ],
      containerStatuses: [running(), running()],
    };
    expect(row(later, { spec })).toEqual(['3/3', 'Running', '2']);
  });
  it('says Terminating, unless it has ended', () => {
    const metadata = { deletionTimestamp: '2026-03-04T12:00:30Z' };
    expect(row({ phase: 'Running', containerStatuses: [running(), running()] }, { metadata })).toEqual([
      '2/2',
      'Terminating',
      '0',
    ]);
    expect(row({ phase: 'Failed', reason: 'Evicted' }, { metadata })).toEqual(['0/2', 'Evicted', '0']);
  });
});

describe('other kinds', () => {
  it.each([
    [
      'Node',
      { metadata: { name: 'n', labels: { 'node-role.kubernetes.io/x': '' } }, spec: { unschedulable: true } },
      ['n', 'Unknown,SchedulingDisabled', 'x'],
    ],
    [
      'Service',
      {
        metadata: { name: 's' },
        spec: { type: 'NodePort', clusterIPs: ['10.0.0.1'], ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }] },
      },
      ['s', 'NodePort', '10.0.0.1', '<none>', '80:30080/TCP'],
    ],
    [
      'Job',
      {
        metadata: { name: 'j' },
        spec: { parallelism: 3 },
        status: { succeeded: 1, startTime: '2026-03-04T11:59:00Z' },
      },
      ['j', 'Running', '1/1 of 3', '60s'],
    ],
    ['PodDisruptionBudget', { metadata: { name: 'b' }, spec: { minAvailable: '50%' } }, ['b', '50%', 'N/A', 0]],
    [
      'ResourceQuota',
      { metadata: { name: 'q' }, status: { hard: { pods: '2', 'limits.cpu': '4' }, used: { pods: '1' } } },
      ['q', 'pods: 1/2', 'limits.cpu: 0/4'],
    ],
    ['Role', { metadata: { name: 'r', creationTimestamp: '2026-03-04T11:00:00Z' } }, ['r', '2026-03-04T11:00:00Z']],
  ])('%s', (kind, object, expected) => expect(cells(kind, object).slice(0, expected.length)).toEqual(expected));
});
