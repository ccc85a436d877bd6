/** Everything about devices that the plugins of all profiles share. Source: `fwk.SharedDRAManager`, v1.37.2. */
import type { ClusterView, ObjectListers } from '../../../scheduler/plugin.ts';
import { ClaimTracker } from './claim-tracker.ts';
import { ClassOfResource } from './device-classes.ts';
import { DeviceSlices } from './slices.ts';

export interface DeviceState {
  readonly claims: ClaimTracker;
  readonly slices: DeviceSlices;
  readonly classOfResource: ClassOfResource;
}

const states = new WeakMap<ObjectListers, DeviceState>();

/** The one state of a cluster; made when it is first asked for. */
export function deviceStateOf({ objects }: ClusterView): DeviceState {
  let state = states.get(objects);
  if (state === undefined) {
    state = {
      claims: new ClaimTracker(objects.resourceClaims),
      slices: new DeviceSlices(objects),
      classOfResource: new ClassOfResource(objects.deviceClasses),
    };
    states.set(objects, state);
  }
  return state;
}
