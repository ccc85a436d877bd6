/** Runtime models for the nodes of a pool: one for each node, and one registry for all. */
import type { Clock } from '../../scheduler/clock.ts';
import { type BehaviourRule, createRuntime, profileWith, Registry, type RuntimeName } from '../runtimes/index.ts';
import type { NodeRuntime } from './node-runtime.ts';
import type { NodeSpec } from './node-spec.ts';

export interface ModelRuntimesOptions {
  readonly clock: Clock;
  readonly runtime: RuntimeName;
  /** Figures of the profile to replace. */
  readonly changes?: Readonly<Record<string, unknown>>;
  readonly behaviours?: readonly BehaviourRule[];
  /** @default one without limits */
  readonly registry?: Registry;
  /** @default 1 */
  readonly seed?: number;
}

const SEEDS = 1_000_003;

/** Throws InputError. */
export function modelRuntimes(options: ModelRuntimesOptions): {
  readonly runtimeVersion: string;
  readonly runtimeFor: (node: NodeSpec, index: number) => NodeRuntime;
} {
  const { clock, runtime, changes = {}, behaviours = [], registry = new Registry(), seed = 1 } = options;
  const { scheme, runtimeVersion } = profileWith(runtime, changes);
  const version = `${scheme}://${runtimeVersion}`;
  return {
    runtimeVersion: version,
    runtimeFor: ({ address, podCidr }, index) => {
      const model = createRuntime({
        clock,
        runtime,
        changes,
        behaviours,
        registry,
        seed: seed * SEEDS + index,
        hostIp: address,
        podCidr,
      });
      return {
        runtime: model,
        scheme,
        version,
        isDirect: true,
        hasBehaviours: behaviours.length > 0,
        overheadBytes: () => model.overhead().memoryBytes,
        powerOff: () => model.powerOff(),
        powerOn: () => model.powerOn(),
      };
    },
  };
}
