import { describe, expect, it } from 'vitest';
import type { DeviceClass } from '../../../api/index.ts';
import type { WatchedLister } from '../../../scheduler/plugin.ts';
import { CLASS_RESOURCE_PREFIX, ClassOfResource } from './device-classes.ts';

const GPU = 'example.com/gpu';

const deviceClass = (name: string, extendedResourceName?: string, second = 0): DeviceClass => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'DeviceClass',
  metadata: { name, creationTimestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString() },
  spec: extendedResourceName === undefined ? {} : { extendedResourceName },
});

type Change = (before: DeviceClass | undefined, after: DeviceClass | undefined) => void;

const watched = (): { classes: ClassOfResource; change: Change } => {
  let change: Change = () => {};
  const lister = { watch: (heard: Change) => (change = heard) } as unknown as WatchedLister<DeviceClass>;
  const classes = new ClassOfResource(lister);
  return { classes, change: (before, after) => change(before, after) };
};

const nameFor = (classes: ClassOfResource, resource: string): string | undefined =>
  classes.get(resource)?.metadata?.name;

describe('the class of an extended resource', () => {
  it('serves its own resource whether or not it names another', () => {
    const { classes, change } = watched();
    change(undefined, deviceClass('plain'));
    change(undefined, deviceClass('gpu', GPU));
    expect(nameFor(classes, `${CLASS_RESOURCE_PREFIX}plain`)).toBe('plain');
    expect(nameFor(classes, `${CLASS_RESOURCE_PREFIX}gpu`)).toBe('gpu');
    expect(nameFor(classes, GPU)).toBe('gpu');
  });

  it('is the newer of two, or the one whose name comes first', () => {
    const { classes, change } = watched();
    change(undefined, deviceClass('b', GPU, 1));
    change(undefined, deviceClass('a', GPU, 1));
    expect(nameFor(classes, GPU)).toBe('a');
    change(undefined, deviceClass('z', GPU, 2));
    expect(nameFor(classes, GPU)).toBe('z');
  });

  it('is not known at all when it loses on arrival, as upstream', () => {
    const { classes, change } = watched();
    change(undefined, deviceClass('newer', GPU, 2));
    change(undefined, deviceClass('older', GPU, 1));
    expect(nameFor(classes, GPU)).toBe('newer');
    expect(classes.get(`${CLASS_RESOURCE_PREFIX}older`)).toBeUndefined();
  });

  it('gives up the old resource when it changes, and all when it is deleted', () => {
    const { classes, change } = watched();
    const before = deviceClass('gpu', GPU);
    const after = deviceClass('gpu', 'example.com/other');
    change(undefined, before);
    change(before, after);
    expect(classes.get(GPU)).toBeUndefined();
    expect(nameFor(classes, 'example.com/other')).toBe('gpu');
    change(after, undefined);
    expect(classes.get('example.com/other')).toBeUndefined();
    expect(classes.get(`${CLASS_RESOURCE_PREFIX}gpu`)).toBeUndefined();
  });
});
