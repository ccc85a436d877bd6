/** What is refused of Jobs, CronJobs and StatefulSets, in upstream's words. */
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../api/index.ts';
import { smallCluster, template } from '../../controllers/controllers.fixture.ts';
import { CRON_JOBS, JOBS, STATEFUL_SETS } from '../../controllers/types.ts';
import type { Target } from '../client.ts';

type Cluster = ReturnType<typeof smallCluster>;

const once = (restartPolicy = 'Never') => ({ ...template('x'), spec: { ...template('x').spec, restartPolicy } });

function refusal(each: Cluster, target: Target, object: object): string | undefined {
  let message: string | undefined;
  each.client.create({ ...target, namespace: 'default' }, object as KubeObject, {}, (error) => {
    message = error?.message?.replace(/^.*? is invalid: /, '');
  });
  return message;
}

function refusedChange(each: Cluster, target: Target, name: string, change: object): string | undefined {
  let message: string | undefined;
  each.client.patch({ ...target, namespace: 'default', name }, 'merge', change, {}, (error) => {
    message = error?.message?.replace(/^.*? is invalid: /, '');
  });
  return message;
}

const job = (spec: object) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j' },
  spec: { template: once(), ...spec },
});

const indexed = (spec: object) => ({ completionMode: 'Indexed', completions: 5, ...spec });
const onExit = (more: object) => ({
  podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1], ...more } }] },
});

describe('a Job', () => {
  it.each([
    [
      { template: once('Always') },
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [{ backoffLimitPerIndex: 1 }, 'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode'],
    [indexed({ maxFailedIndexes: 1 }), 'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified'],
    [
      indexed({ backoffLimitPerIndex: 1, maxFailedIndexes: 6 }),
      'spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions',
    ],
    [
      { podReplacementPolicy: 'Never' },
      'spec.podReplacementPolicy: Unsupported value: "Never": supported values: "Failed", "TerminatingOrFailed"',
    ],
    [
      onExit({ containerName: 'y' }),
      'spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "y": must be one of the container or initContainer names in the pod template',
    ],
    [
      onExit({ values: [2, 1] }),
      'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,1]: must be ordered',
    ],
    [
      { podFailurePolicy: { rules: [{ action: 'Ignore' }] } },
      'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
    ],
    [
      indexed({ successPolicy: { rules: [{ succeededIndexes: '0-2,2' }] } }),
      'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0-2,2": error parsing succeededIndexes: non-increasing order, previous: 2, current: 2',
    ],
    [
      indexed({ successPolicy: { rules: [{ succeededIndexes: '0,1', succeededCount: 3 }] } }),
      'spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
    ],
  ])('with %j is refused', (spec, message) => {
    expect(refusal(smallCluster(), JOBS, job(spec))).toBe(message);
  });

  it('grows only where it is indexed and together with its parallelism; its pods change only while it is suspended', () => {
    const each = smallCluster();
    each.create(JOBS, job(indexed({ parallelism: 2 })));
    const tandem = 'spec.completions: Invalid value: 6: can only be modified in tandem with spec.parallelism';
    expect(refusedChange(each, JOBS, 'j', { spec: { completions: 6 } })).toBe(tandem);
    expect(refusedChange(each, JOBS, 'j', { spec: { completions: 6, parallelism: 6 } })).toBeUndefined();
    const change = { spec: { template: { spec: { nodeSelector: { a: 'b' } } } } };
    expect(refusedChange(each, JOBS, 'j', change)).toMatch(/^spec.template: Invalid value: .*: field is immutable$/);
    expect(refusedChange(each, JOBS, 'j', { spec: { suspend: true } })).toBeUndefined();
    each.wait();
    expect(refusedChange(each, JOBS, 'j', change)).toBeUndefined();
  });
});

describe('a CronJob', () => {
  const cronJob = (spec: object) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'c' },
    spec: { schedule: '* * * * *', jobTemplate: { spec: { template: once() } }, ...spec },
  });

  it.each([
    [{ schedule: '* * *' }, 'spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]'],
    [
      { schedule: 'TZ=UTC * * * * *' },
      'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
    [
      { timeZone: 'Europe/Atlantis' },
      'spec.timeZone: Invalid value: "Europe/Atlantis": unknown time zone Europe/Atlantis',
    ],
    [
      { concurrencyPolicy: 'Maybe' },
      'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
    ],
  ])('with %j is refused', (spec, message) => {
    expect(refusal(smallCluster(), CRON_JOBS, cronJob(spec))).toBe(message);
  });
});

describe('a StatefulSet', () => {
  it('keeps its claims, its service and its order', () => {
    const each = smallCluster();
    const spec = { selector: { matchLabels: { app: 'x' } }, serviceName: 's', template: template('x') };
    each.create(STATEFUL_SETS, { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'x' }, spec });
    const message = 'spec.serviceName: Invalid value: "t": field is immutable';
    expect(refusedChange(each, STATEFUL_SETS, 'x', { spec: { serviceName: 't' } })).toBe(message);
    const order = 'spec.podManagementPolicy: Invalid value: "Parallel": field is immutable';
    expect(refusedChange(each, STATEFUL_SETS, 'x', { spec: { podManagementPolicy: 'Parallel' } })).toBe(order);
  });
});
