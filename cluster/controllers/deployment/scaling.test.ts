/** How many pods each ReplicaSet of a Deployment is to have, from given states. */
import { describe, expect, it } from 'vitest';
import type { DeploymentObject, SetObject } from './bounds.ts';
import { newSize, onlyActive, proportional, withoutSurplus, withoutUnavailable } from './scaling.ts';

const deployment = (replicas: number, maxSurge: number, maxUnavailable: number, pods = 0) =>
  ({
    spec: { replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } },
    status: { replicas: pods },
  }) as unknown as DeploymentObject;

/** @param max What the whole Deployment was when the ReplicaSet was last sized. */
const set = (name: string, replicas: number, availableReplicas = replicas, max?: string) =>
  ({
    metadata: {
      name,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(max !== undefined && { annotations: { 'deployment.kubernetes.io/max-replicas': max } }),
    },
    spec: { replicas },
    status: { availableReplicas },
  }) as unknown as SetObject;

describe('the new ReplicaSet', () => {
  it.each([
    ['grows by the surge', deployment(5, 2, 0), [set('a', 5)], 0, 2],
    ['waits where there is no room', deployment(5, 0, 1), [set('a', 5)], 0, 0],
    ['never passes the wanted number', deployment(3, 3, 0), [set('a', 0)], 0, 3],
    ['shrinks to the wanted number', deployment(3, 1, 0), [set('a', 0)], 5, 3],
  ])('%s', (_, given, old, current, expected) => {
    expect(newSize(given, [...old, set('new', current)], current)).toBe(expected);
  });
});

describe('old ReplicaSets', () => {
  it.each([
    ['lose what is not available, the oldest first', [set('a', 3, 1), set('b', 4, 3)], [1, 3]],
    ['no more than may be missing altogether', [set('a', 9, 0), set('b', 9, 0)], [0, 4]],
    ['wait for a status that is of before', [set('a', 3, 1), set('b', 2, 3), set('c', 3, 0)], [1]],
  ])('%s', (_, old, expected) => {
    expect(withoutUnavailable(deployment(5, 2, 1), old, set('new', 0))).toEqual(expected);
  });

  it.each([
    ['keep what is wanted', [set('a', 5)], 0, [4]],
    ['give way to what is available', [set('a', 2), set('b', 2)], 3, [0, 1]],
    ['stay while too few are available', [set('a', 5, 2)], 0, [5]],
  ])('%s', (_, old, fresh, expected) => {
    expect(withoutSurplus(deployment(5, 2, 1), old, set('new', fresh))).toEqual(expected);
  });
});

describe('scaling in the middle of a rollout', () => {
  it.each([
    ['grows each by its share', deployment(20, 2, 0), [set('a', 8, 8, '12'), set('b', 4, 4, '12')], { a: 15, b: 7 }],
    ['shrinks each by its share', deployment(4, 2, 0), [set('a', 8, 8, '12'), set('b', 4, 4, '12')], { a: 4, b: 2 }],
    ['takes all away', deployment(0, 2, 0), [set('a', 8, 8, '12'), set('b', 4, 4, '0')], { a: 0, b: 0 }],
    ['goes by the pods without notes', deployment(20, 2, 0, 11), [set('a', 8), set('b', 3, 3, 'x')], { a: 16, b: 6 }],
    ['gives the largest what is left', deployment(20, 2, 0), [set('a', 8), set('b', 3, 3, '0')], { a: 19, b: 3 }],
  ])('%s', (_, given, sets, expected) => {
    const sizes = proportional(given, sets);
    expect(Object.fromEntries([...sizes].map(([{ metadata }, size]) => [metadata!.name, size]))).toEqual(expected);
  });

  it.each([
    ['the one that has pods', [set('a', 0), set('b', 3)], 'b'],
    ['the newest where none has', [set('a', 0), set('b', 0)], 'b'],
    ['none where several have', [set('a', 1), set('b', 1)], undefined],
  ])('%s is scaled alone', (_, sets, expected) => {
    expect(onlyActive(sets, undefined)?.metadata?.name).toBe(expected);
  });
});
