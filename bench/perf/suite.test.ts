/** The suite that ships: it can be read and planned, and has the shapes of upstream's performance workloads. */
import { describe, expect, test } from 'vitest';
import { planSuites } from './plan.ts';
import { shippedSuite } from './shipped-suite.ts';

const planned = (labels: string) => planSuites(shippedSuite(), { labels }).flatMap(({ workloads }) => workloads);

describe('the shipped suite', () => {
  test('has nothing that cannot be planned', () => {
    expect(planned('').flatMap(({ error }) => (error === undefined ? [] : [error.message]))).toEqual([]);
  });

  test('lacks no more than three gates that are off by default upstream', () => {
    const lacking = new Set(planned('').flatMap((workload) => workload.lacking ?? []));
    for (const reason of lacking) {
      expect(reason).toMatch(/gate DRA(DeviceCompatibilityGroups|WorkloadResourceClaims)=true/);
    }
  });

  test('every case has a small workload for trying out', () => {
    const cases = (labels: string) =>
      new Set(planned(labels).map(({ suite, testCase }) => `${suite.topic}/${testCase.name}`));
    const all = cases('');
    // Publishing slices is an exercise for an API server.
    all.delete('devices/Publish');
    expect(cases('integration-test')).toEqual(all);
  });

  // Nodes are all createNodes, pods those within measurement; from the reference of upstream's suite, v1.37.2.
  test.each([
    ['affinity', 17],
    ['batches', 12],
    ['devices', 39],
    ['events', 5],
    ['groups', 18],
    ['nodedeclaredfeatures', 3],
    ['plain', 9],
    ['preemption', 15],
    ['spread', 7],
    ['starvation', 2],
    ['tas', 6],
    ['volumes', 8],
  ])('%s has %i performance workloads', (topic, count) => {
    expect(planned('performance').filter(({ suite }) => suite.topic === topic)).toHaveLength(count);
  });

  test('that makes 141, as upstream has', () => {
    expect(planned('performance')).toHaveLength(141);
  });

  test('the thresholds are those of upstream', () => {
    const thresholds = planned('performance')
      .map(({ workload: { threshold } }) => threshold.byTopic.devices ?? threshold.value)
      .filter((threshold) => threshold > 0)
      .sort((a, b) => a - b);
    expect(thresholds).toEqual([
      56, 60, 60, 64, 64, 64, 70, 70, 100, 100, 120, 130, 130, 140, 160, 160, 180, 180, 180, 180, 190, 190, 270, 290,
      340, 460, 540, 540, 540, 570, 570, 570, 590, 590, 600, 600, 680, 710, 750, 790, 790, 790, 790, 830, 890, 890, 890,
      910, 1100,
    ]);
  });
});
