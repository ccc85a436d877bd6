/** A `KubeSchedulerConfiguration` after decoding, defaulting, validation and MultiPoint expansion. */
import type { ExtensionPoint, PluginDefinition } from '../plugin.ts';

export interface PluginRef {
  readonly name: string;
  /** Present for scoring points only, never 0. */
  readonly weight?: number;
}

export interface ResolvedProfile {
  readonly schedulerName: string;
  /** Overrides the global percentage. */
  readonly percentageOfNodesToScore?: number;
  /** Plugins per extension point in the order they run; points without plugins are absent. */
  readonly plugins: Readonly<Partial<Record<ExtensionPoint, readonly PluginRef[]>>>;
  /**
   * Defaulted arguments of in-tree plugins in the order and form that upstream encodes them; those of other plugins as
   * given, null when there are none.
   */
  readonly pluginConfig: ReadonlyArray<{ readonly name: string; readonly args: unknown }>;
}

export interface ExtenderConfig {
  readonly urlPrefix: string;
  /** Verbs are '' for what the extender does not do. */
  readonly filterVerb: string;
  readonly preemptVerb: string;
  readonly prioritizeVerb: string;
  readonly weight: number;
  readonly bindVerb: string;
  readonly enableHTTPS: boolean;
  /** Fields as in the configuration, data in Base64. */
  readonly tlsConfig?: Readonly<Record<string, unknown>>;
  readonly httpTimeoutMs: number;
  readonly nodeCacheCapable: boolean;
  readonly managedResources: ReadonlyArray<{ readonly name: string; readonly ignoredByScheduler: boolean }>;
  readonly ignorable: boolean;
}

export interface ResolvedConfig {
  readonly parallelism: number;
  /** 0 means adaptive; undefined never happens after defaulting. */
  readonly percentageOfNodesToScore: number;
  /** True when the text names percentageOfNodesToScore at the top level. */
  readonly percentageIsExplicit: boolean;
  readonly podInitialBackoffSeconds: number;
  readonly podMaxBackoffSeconds: number;
  readonly extenders: readonly ExtenderConfig[];
  readonly profiles: readonly ResolvedProfile[];
}

/** By name. */
export type PluginRegistry = ReadonlyMap<string, PluginDefinition>;

/** Where a configuration failed: decoding, validating, or building the profiles. */
export type ConfigStage = 'decode' | 'validate' | 'build';

/** The text of a configuration cannot be used; `message` is upstream's. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly stage: ConfigStage;

  constructor(stage: ConfigStage, message: string) {
    super(message);
    this.stage = stage;
  }
}
