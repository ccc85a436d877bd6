/**
 * Device classes by the extended resources that they serve.
 * Source: `dynamic-resource-allocation/deviceclass/extendedresourcecache/extendedresourcecache.go`, v0.37.2.
 */
import { type DeviceClass, isExtendedResourceName } from '../../../api/index.ts';
import type { WatchedLister } from '../../../scheduler/plugin.ts';

/** Every class serves the resource of this name and its own, whether or not it names another. */
export const CLASS_RESOURCE_PREFIX = 'deviceclass.resource.kubernetes.io/';

/** Resources that devices may stand in for. */
export const canBeServedByDevices = (resource: string): boolean =>
  isExtendedResourceName(resource) || resource.startsWith(CLASS_RESOURCE_PREFIX);

export class ClassOfResource {
  private readonly byResource = new Map<string, DeviceClass>();

  constructor(classes: WatchedLister<DeviceClass>) {
    classes.watch((before, after) => {
      if (after !== undefined) this.put(before, after);
      else if (before !== undefined) this.drop(before);
    });
  }

  get(resource: string): DeviceClass | undefined {
    return this.byResource.get(resource);
  }

  /** Of two classes that name one resource the newer serves it, or the one whose name comes first. */
  private put(before: DeviceClass | undefined, after: DeviceClass): void {
    const resource = after.spec?.extendedResourceName;
    const rival = resource === undefined ? undefined : this.byResource.get(resource);
    // Upstream then learns nothing of the class, its own resource included.
    if (rival !== undefined && !isPreferred(after, rival)) return;
    if (before !== undefined) this.drop(before);
    if (resource !== undefined) this.byResource.set(resource, after);
    this.byResource.set(CLASS_RESOURCE_PREFIX + nameOf(after), after);
  }

  private drop(deviceClass: DeviceClass): void {
    this.byResource.delete(CLASS_RESOURCE_PREFIX + nameOf(deviceClass));
    const resource = deviceClass.spec?.extendedResourceName;
    if (resource !== undefined) this.byResource.delete(resource);
  }
}

const nameOf = ({ metadata }: DeviceClass): string => metadata?.name ?? '';

function isPreferred(candidate: DeviceClass, rival: DeviceClass): boolean {
  const [born, rivalBorn] = [bornMs(candidate), bornMs(rival)];
  return born === rivalBorn ? nameOf(candidate) < nameOf(rival) : born > rivalBorn;
}

const bornMs = ({ metadata }: DeviceClass): number => {
  const time = metadata?.creationTimestamp;
  return time ? Date.parse(String(time)) : Number.NEGATIVE_INFINITY;
};
