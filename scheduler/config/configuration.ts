/** A configuration after defaulting: upstream's internal form, as far as a scheduler needs it. */

import type { Value } from '../../api/text/value.ts';
import type { TypedArgs } from './args/definition.ts';
import type { ConfigurationV1, ExtenderV1, PluginsV1 } from './schema/configuration.ts';

/** Extension points, and the one that stands for all of them. */
export type ConfigPoint = keyof PluginsV1;

export interface PluginWeight {
  readonly name: string;
  /** 0 when it is not set. */
  readonly weight: number;
}

export interface PluginSet {
  readonly enabled: readonly PluginWeight[];
  /** Names; `*` for all. */
  readonly disabled: readonly string[];
}

export interface PluginConfig {
  readonly name: string;
  /** Arguments of an in-tree plugin. */
  readonly args?: TypedArgs;
  /** Arguments of any other, as given. */
  readonly raw?: Value;
}

export interface Profile {
  readonly schedulerName: string;
  readonly percentageOfNodesToScore?: number;
  readonly plugins: Readonly<Record<ConfigPoint, PluginSet>>;
  readonly pluginConfig: readonly PluginConfig[];
}

export interface LeaderElection {
  readonly leaderElect: boolean;
  /** Nanoseconds. */
  readonly leaseDuration: bigint;
  readonly renewDeadline: bigint;
  readonly retryPeriod: bigint;
  readonly resourceLock: string;
}

export interface Configuration {
  readonly parallelism: number;
  readonly leaderElection: LeaderElection;
  readonly clientConnection: Pick<ConfigurationV1['clientConnection'], 'burst'>;
  readonly percentageOfNodesToScore: number;
  readonly percentageIsExplicit: boolean;
  readonly podInitialBackoffSeconds: bigint;
  readonly podMaxBackoffSeconds: bigint;
  readonly profiles: readonly Profile[];
  readonly extenders: readonly ExtenderV1[];
}
