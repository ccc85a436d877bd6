import { expect, it } from 'vitest';
import { ClusterObjects } from './objects.ts';

const volume = (name: string, storageClassName: string) => ({
  kind: 'PersistentVolume',
  metadata: { name },
  spec: { storageClassName },
});

it('indexed objects are found by their property, in the order in which they first had it', () => {
  const objects = new ClusterObjects();
  const namesIn = (storageClass: string) =>
    [...objects.persistentVolumes.by(storageClass)].map(({ metadata }) => metadata?.name);
  for (const [name, storageClass] of [
    ['a', 'fast'],
    ['b', 'slow'],
    ['c', 'fast'],
    ['d', 'fast'],
  ] as const) {
    objects.set(volume(name, storageClass));
  }
  objects.set(volume('a', 'fast'));
  expect(namesIn('fast')).toEqual(['a', 'c', 'd']);
  objects.set(volume('a', 'slow'));
  objects.delete(volume('c', 'fast'));
  expect([namesIn('fast'), namesIn('slow'), namesIn('none')]).toEqual([['d'], ['b', 'a'], []]);
  objects.delete(volume('d', 'whatever it was'));
  expect(namesIn('fast')).toEqual([]);
});
