/** A Job runs pods until so many have succeeded, or it is clear that they will not. */
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../api/index.ts';
import { smallCluster, template } from '../controllers.fixture.ts';
import { isActive } from '../pod-state.ts';
import { JOBS, PODS } from '../types.ts';
import { FINALIZER, INDEX } from './job-pods.ts';
import { leastFirst } from './removal.ts';

type Cluster = ReturnType<typeof smallCluster>;

const job = (spec: object, restartPolicy = 'Never') => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j' },
  spec: { template: { ...template('j'), spec: { ...template('j').spec, restartPolicy } }, ...spec },
});

const start = (spec: object, restartPolicy?: string): Cluster => {
  const each = smallCluster();
  each.create(JOBS, job(spec, restartPolicy));
  return each;
};

const active = (each: Cluster): Pod[] => each.pods().filter(isActive);
const indexOf = ({ metadata }: Pod): string => metadata!.annotations![INDEX]!;
const status = (each: Cluster) => each.get('Job', 'j').status;
const conditions = (each: Cluster): string[] =>
  (status(each).conditions ?? [])
    .filter(({ status }: { status: string }) => status === 'True')
    .map(({ type, reason }: { type: string; reason: string }) => `${type} ${reason}`);

function end(
  each: Cluster,
  pods: readonly Pod[],
  phase: 'Succeeded' | 'Failed',
  exitCode = phase === 'Failed' ? 1 : 0,
  more = {},
) {
  const finishedAt = new Date(each.clock.nowMs).toISOString();
  const containerStatuses = [
    {
      name: 'c',
      image: 'i',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode, finishedAt } },
    },
  ];
  for (const { metadata } of pods)
    each.patch(PODS, metadata!.name!, { status: { phase, containerStatuses, ...more } }, 'status');
  each.wait(3000);
}

const succeed = (each: Cluster, pods = active(each)): void => end(each, pods, 'Succeeded');
const fail = (each: Cluster, pods = active(each), exitCode = 1): void => end(each, pods, 'Failed', exitCode);
const ofIndex = (each: Cluster, index: number): Pod[] => active(each).filter((pod) => indexOf(pod) === String(index));

describe('Job', () => {
  it('runs so many at a time until enough have succeeded, and lets them go', () => {
    const each = start({ completions: 5, parallelism: 2 });
    for (const left of [2, 2, 1]) {
      expect(active(each)).toHaveLength(left);
      for (const { metadata } of active(each)) expect(metadata!.finalizers).toEqual([FINALIZER]);
      succeed(each);
    }
    expect(status(each)).toMatchObject({ succeeded: 5, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(status(each).completionTime).toBeDefined();
    expect(conditions(each)).toEqual(['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached']);
    for (const { metadata } of each.pods()) expect(metadata!.finalizers ?? []).toEqual([]);
  });

  it('without a number of completions is over when one has succeeded and the others have ended', () => {
    const each = start({ parallelism: 3 });
    succeed(each, active(each).slice(0, 1));
    expect(active(each)).toHaveLength(2);
    expect(conditions(each)).toEqual([]);
    succeed(each);
    expect(conditions(each)).toContain('Complete CompletionsReached');
    expect(status(each).succeeded).toBe(3);
  });

  it('follows its parallelism up and down', () => {
    const each = start({ completions: 10, parallelism: 2 });
    each.patch(JOBS, 'j', { spec: { parallelism: 5 } });
    expect(active(each)).toHaveLength(5);
    each.patch(JOBS, 'j', { spec: { parallelism: 1 } });
    expect(active(each)).toHaveLength(1);
    // Those it took away itself count neither way.
    expect(status(each)).toMatchObject({ active: 1 });
    expect(status(each).failed ?? 0).toBe(0);
  });

  it('waits 10 s, 20 s, … before it replaces what has failed, and gives up at its limit', () => {
    const each = start({ backoffLimit: 2 });
    for (const waitS of [10, 20]) {
      fail(each);
      expect(active(each)).toHaveLength(0);
      each.wait((waitS - 5) * 1000);
      expect(active(each)).toHaveLength(0);
      each.wait(5000);
      expect(active(each)).toHaveLength(1);
    }
    fail(each);
    expect(conditions(each)).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']);
    expect(status(each).failed).toBe(3);
  });

  it('counts restarts of containers where they are started again', () => {
    const each = start({ backoffLimit: 2 }, 'OnFailure');
    const [{ metadata }] = active(each) as [Pod];
    const containerStatuses = [{ name: 'c', image: 'i', imageID: '', ready: true, restartCount: 2, state: {} }];
    each.patch(PODS, metadata!.name!, { status: { phase: 'Running', containerStatuses } }, 'status');
    each.wait(3000);
    expect(conditions(each)).toContain('Failed BackoffLimitExceeded');
  });

  it('ends at its deadline, which a pause puts off', () => {
    const each = start({ activeDeadlineSeconds: 20 });
    each.wait(10_000);
    each.patch(JOBS, 'j', { spec: { suspend: true } });
    expect(active(each)).toHaveLength(0);
    expect(conditions(each)).toEqual(['Suspended JobSuspended']);
    expect(status(each).startTime).toBeUndefined();
    each.wait(60_000);
    each.patch(JOBS, 'j', { spec: { suspend: false } });
    expect(active(each)).toHaveLength(1);
    each.wait(15_000);
    expect(active(each)).toHaveLength(1);
    each.wait(10_000);
    expect(conditions(each)).toContain('Failed DeadlineExceeded');
    expect(active(each)).toHaveLength(0);
  });

  it('goes some time after it is over', () => {
    const each = start({ ttlSecondsAfterFinished: 30 });
    succeed(each);
    each.wait(20_000);
    expect(each.get('Job', 'j')).toBeDefined();
    each.wait(15_000);
    expect(each.get('Job', 'j')).toBeUndefined();
    expect(each.pods()).toEqual([]);
  });

  it('replaces a pod that is being deleted at once, or only when it has ended', () => {
    for (const [podReplacementPolicy, together] of [
      ['TerminatingOrFailed', 1],
      ['Failed', 0],
    ] as const) {
      const each = start({ podReplacementPolicy });
      const [{ metadata }] = active(each) as [Pod];
      each.patch(PODS, metadata!.name!, { metadata: { finalizers: [FINALIZER, 'test/hold'] } });
      each.remove(PODS, metadata!.name!);
      each.wait(15_000);
      expect(active(each)).toHaveLength(together);
      each.patch(PODS, metadata!.name!, { status: { phase: 'Failed' } }, 'status');
      each.wait(15_000);
      expect(active(each)).toHaveLength(1);
      expect(status(each).failed).toBe(1);
    }
  });

  it('leaves Jobs of another manager alone', () => {
    const each = start({ managedBy: 'example.com/queue' });
    each.wait(5000);
    expect(each.pods()).toEqual([]);
    expect(status(each)).toEqual({});
  });

  it('lets go the pods of a Job that is deleted', () => {
    const each = start({ parallelism: 2, completions: 2 });
    each.remove(JOBS, 'j');
    each.wait(5000);
    expect(each.pods()).toEqual([]);
  });

  describe('that is indexed', () => {
    const indexed = (more: object) => ({ completionMode: 'Indexed', ...more });

    it('runs the lowest indexes that are missing, and tells each its own', () => {
      const each = start(indexed({ completions: 4, parallelism: 2 }));
      expect(active(each).map(indexOf).sort()).toEqual(['0', '1']);
      succeed(each, ofIndex(each, 1));
      expect(active(each).map(indexOf).sort()).toEqual(['0', '2']);
      const [pod] = ofIndex(each, 2) as [Pod];
      expect(pod.metadata!.name).toMatch(/^j-2-/);
      expect(pod.metadata!.labels).toMatchObject({ [INDEX]: '2' });
      expect(pod.spec).toMatchObject({ hostname: 'j-2' });
      expect(pod.spec!.containers[0]!.env).toMatchObject([{ name: 'JOB_COMPLETION_INDEX' }]);
      succeed(each);
      expect(status(each)).toMatchObject({ succeeded: 3, completedIndexes: '0-2' });
      succeed(each);
      expect(conditions(each)).toContain('Complete CompletionsReached');
    });

    it('counts failures of each index by themselves', () => {
      const each = start(indexed({ completions: 3, parallelism: 3, backoffLimitPerIndex: 1 }));
      fail(each, ofIndex(each, 1));
      expect(active(each).map(indexOf).sort()).toEqual(['0', '2']);
      each.wait(12_000);
      const [second] = ofIndex(each, 1) as [Pod];
      expect(second.metadata!.annotations).toMatchObject({ 'batch.kubernetes.io/job-index-failure-count': '1' });
      fail(each, [second]);
      expect(status(each)).toMatchObject({ failedIndexes: '1', failed: 2 });
      succeed(each);
      expect(conditions(each)).toEqual(['FailureTarget FailedIndexes', 'Failed FailedIndexes']);
      expect(status(each)).toMatchObject({ completedIndexes: '0,2', failedIndexes: '1', succeeded: 2 });
    });

    it('gives up when too many indexes have failed', () => {
      const each = start(indexed({ completions: 4, parallelism: 4, backoffLimitPerIndex: 0, maxFailedIndexes: 1 }));
      fail(each, ofIndex(each, 0));
      expect(conditions(each)).toEqual([]);
      fail(each, ofIndex(each, 3));
      expect(conditions(each)).toContain('Failed MaxFailedIndexesExceeded');
      expect(status(each).failedIndexes).toBe('0,3');
    });

    it.each([
      { rules: [{ succeededIndexes: '0,2' }], done: [0, 2] },
      { rules: [{ succeededCount: 2 }], done: [1, 3] },
      { rules: [{ succeededIndexes: '1-3', succeededCount: 1 }], done: [2] },
      { rules: [{ succeededIndexes: '0' }, { succeededCount: 1 }], done: [3], rule: 1 },
    ])('is over early by $rules', ({ rules, done, rule = 0 }) => {
      const each = start(indexed({ completions: 4, parallelism: 4, successPolicy: { rules } }));
      for (const index of done) {
        expect(conditions(each)).toEqual([]);
        succeed(each, ofIndex(each, index));
      }
      expect(conditions(each)).toEqual(['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy']);
      expect(status(each).conditions[0].message).toBe(`Matched rules at index ${rule}`);
      expect(active(each)).toHaveLength(0);
    });

    it('shrinks with its parallelism, and drops indexes that are there twice', () => {
      const each = start(indexed({ completions: 3, parallelism: 3 }));
      each.patch(JOBS, 'j', { spec: { completions: 2, parallelism: 2 } });
      expect(active(each).map(indexOf).sort()).toEqual(['0', '1']);
    });
  });

  describe('with a pod failure policy', () => {
    const onExit = (action: string, operator: string, ...values: number[]) => ({
      action,
      onExitCodes: { operator, values },
    });
    const policy = (...rules: object[]) => ({ podFailurePolicy: { rules }, backoffLimit: 1 });

    it('fails at once on an exit code that says so, and tells which', () => {
      const each = start({ ...policy(onExit('FailJob', 'In', 42)), completions: 2, parallelism: 2 });
      const [first] = active(each) as [Pod];
      fail(each, [first], 42);
      expect(conditions(each)).toContain('Failed PodFailurePolicy');
      const name = first.metadata!.name;
      const words = `Container c for pod default/${name} failed with exit code 42 matching FailJob rule at index 0`;
      expect(status(each).conditions[0].message).toBe(words);
    });

    it('does not count what is to be ignored', () => {
      const each = start(policy({ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }));
      for (let i = 0; i < 3; i++) {
        end(each, active(each), 'Failed', 1, { conditions: [{ type: 'DisruptionTarget', status: 'True' }] });
        each.wait(60_000);
      }
      expect(conditions(each)).toEqual([]);
      expect(status(each)).toMatchObject({ active: 1 });
      expect(status(each).failed ?? 0).toBe(0);
    });

    it('fails an index and leaves the others', () => {
      const rules = policy(onExit('FailIndex', 'NotIn', 1));
      const each = start({
        ...rules,
        backoffLimit: 6,
        completionMode: 'Indexed',
        completions: 2,
        parallelism: 2,
        backoffLimitPerIndex: 3,
      });
      fail(each, ofIndex(each, 0), 7);
      expect(status(each).failedIndexes).toBe('0');
      expect(active(each).map(indexOf)).toEqual(['1']);
    });
  });
});

describe('of active pods', () => {
  const pod = (
    name: string,
    more: { node?: string; phase?: string; ready?: string; restarts?: number; created?: string },
  ): Pod =>
    ({
      metadata: { name, creationTimestamp: more.created ?? '2026-01-01T00:00:00Z' },
      spec: { nodeName: more.node ?? 'n' },
      status: {
        phase: more.phase ?? 'Running',
        conditions: more.ready ? [{ type: 'Ready', status: 'True', lastTransitionTime: more.ready }] : [],
        containerStatuses: [{ restartCount: more.restarts ?? 0 }],
      },
    }) as unknown as Pod;

  it('those go first that have not got far', () => {
    const order = [
      pod('unassigned', { node: '', phase: 'Pending' }),
      pod('pending', { phase: 'Pending' }),
      pod('restarted', { restarts: 3 }),
      pod('young', { created: '2026-01-01T01:00:00Z' }),
      pod('not-ready', {}),
      pod('ready-late', { ready: '2026-01-01T00:00:20Z' }),
      pod('ready-early', { ready: '2026-01-01T00:00:10Z' }),
    ];
    const sorted = [...order].reverse().sort(leastFirst);
    expect(sorted.map(({ metadata }) => metadata!.name)).toEqual(order.map(({ metadata }) => metadata!.name));
  });
});
