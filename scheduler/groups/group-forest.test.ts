import { describe, expect, it } from 'vitest';
import type { CompositePodGroup, PodGroup } from '../../api/index.ts';
import { compositePodGroupKey, podGroupKey } from '../plugin.ts';
import { GroupForest, type GroupObject } from './group-forest.ts';

const leaf = (name: string, parentCompositePodGroupName?: string): PodGroup => ({
  kind: 'PodGroup',
  metadata: { name },
  spec: { parentCompositePodGroupName },
});
const composite = (name: string, parentCompositePodGroupName?: string): CompositePodGroup => ({
  kind: 'CompositePodGroup',
  metadata: { name },
  spec: { parentCompositePodGroupName },
});

const group = (name: string) => podGroupKey('default', name);
const above = (name: string) => compositePodGroupKey('default', name);

function forestOf(objects: readonly GroupObject[], hasComposites = true): GroupForest {
  const forest = new GroupForest(hasComposites);
  for (const object of objects) forest.set(object);
  return forest;
}

describe('the forest of groups', () => {
  it('finds the group at the top, in whatever order the groups came', () => {
    const objects = [leaf('a', 'mid'), composite('mid', 'top'), composite('top')];
    for (const order of [objects, [...objects].reverse()]) {
      expect(forestOf(order).root(group('a'))).toBe(above('top'));
      expect(forestOf(order).root(above('top'))).toBe(above('top'));
    }
  });

  it('has no root for a group below one that is missing', () => {
    const forest = forestOf([leaf('a', 'mid'), composite('mid', 'top')]);
    expect(forest.root(group('a'))).toBeUndefined();
    expect(forest.root(group('unknown'))).toBeUndefined();
    forest.set(composite('top'));
    expect(forest.root(group('a'))).toBe(above('top'));
    forest.delete(composite('mid', 'top'));
    expect(forest.root(group('a'))).toBeUndefined();
  });

  it('has no root for groups that are each below the other', () => {
    const forest = forestOf([leaf('a', 'x'), composite('x', 'y'), composite('y', 'x')]);
    expect(forest.root(group('a'))).toBeUndefined();
    expect(forest.leaves(above('x'))).toEqual([group('a')]);
  });

  it('lists what is below a group by name, a PodGroup and a CompositePodGroup of one name apart', () => {
    const forest = forestOf([
      composite('top'),
      leaf('b', 'top'),
      composite('b', 'top'),
      leaf('c', 'b'),
      leaf('a', 'top'),
    ]);
    expect(forest.children(above('top'))).toEqual([group('a'), above('b'), group('b')]);
    expect(forest.leaves(above('top'))).toEqual([group('a'), group('b'), group('c')]);
    expect(forest.leaves(group('a'))).toEqual([group('a')]);
  });

  it('takes no notice of parents while CompositePodGroup is off', () => {
    const forest = forestOf([leaf('a', 'top')], false);
    expect(forest.root(group('a'))).toBe(group('a'));
  });
});
