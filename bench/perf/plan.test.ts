import { describe, expect, test } from 'vitest';
import { isEnabled } from './plan.ts';
import { topicOf } from './topic.ts';

describe("the label filter is upstream's", () => {
  test.each([
    ['', [], true],
    ['', ['performance'], true],
    ['performance', [], false],
    ['performance', ['performance', 'fast'], true],
    ['performance,fast', ['performance'], false],
    ['-fast', ['performance'], true],
    ['-fast', ['performance', 'fast'], false],
    ['+performance,-fast', ['performance'], true],
    ['+performance,-fast', ['performance', 'fast'], false],
  ])('%j lets %j through: %s', (filter, labels, expected) => {
    expect(isEnabled(filter.split(','), labels)).toBe(expected);
  });
});

describe("topics are those of upstream's Go code", () => {
  test.each([
    ['affinity', 'affinity'],
    ['default_preemption', 'default_preemption'],
    ['dra', 'dra'],
    ['dra/consumablecapacity', 'dra_consumablecapacity'],
    ['dra/extendedresource/scoring', 'dra_extendedresource_scoring'],
    ['event_handling', 'eventhandling'],
    ['podgroup/gangscheduling', 'gangscheduling'],
    ['podgroup/tas', 'tas'],
    ['topology_spreading', 'topologyspreading'],
    ['workload_preemption', 'workloadpreemption'],
  ])('%s: %s', (folder, topic) => {
    expect(topicOf(`/somewhere/scheduler_perf/${folder}/performance-config.yaml`)).toBe(topic);
  });
});
