/**
 * DefaultBinder: binds a pod to the chosen node. Whoever drives the scheduler carries the binding out (a simulation at
 * once, a server through its API client), so there is nothing left to decide here.
 * Source: `plugins/defaultbinder/default_binder.go`, v1.37.2.
 */
import type { PluginDefinition } from '../scheduler/plugin.ts';

export const defaultBinder: PluginDefinition = {
  name: 'DefaultBinder',
  points: ['bind'],
  create: () => ({ bind: () => undefined }),
};
