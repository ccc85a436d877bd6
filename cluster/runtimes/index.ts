/** Container runtimes as models: what they cost, what they do, and how they fail. */

import { PROFILES, profileWith, type RuntimeName } from './profiles.ts';
import { RuntimeModel, type RuntimeModelOptions } from './runtime-model.ts';

export { BEHAVIOUR, type Behaviour, type BehaviourRule, readBehaviour, readBehaviourRules } from './behaviour.ts';
export { Daemon, type Operation } from './daemon.ts';
export { type ImageSize, Registry, type RegistryOptions } from './images.ts';
export { EXEC_PROBES, PROBE, type ProbeKind } from './probe.ts';
export { PROFILES, profileWith, RUNTIMES, type RuntimeName, type RuntimeProfile } from './profiles.ts';
export { RuntimeModel, type RuntimeModelOptions } from './runtime-model.ts';

export interface CreateRuntimeOptions extends Omit<RuntimeModelOptions, 'profile' | 'fallback'> {
  readonly runtime: RuntimeName;
  /** Figures of the profile to replace. */
  readonly changes?: Readonly<Record<string, unknown>>;
}

/** Throws InputError. */
export function createRuntime({ runtime, changes = {}, ...options }: CreateRuntimeOptions): RuntimeModel {
  const fallback = runtime === 'frakti' ? PROFILES.docker : undefined;
  return new RuntimeModel({ ...options, profile: profileWith(runtime, changes), fallback });
}
