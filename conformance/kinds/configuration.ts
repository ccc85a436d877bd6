/** The configuration of a case, and what a golden result says about it. */
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig, resolveConfig } from '../../scheduler/config/index.ts';
import type { ResolvedConfig, ResolvedProfile } from '../../scheduler/index.ts';

export interface Configured {
  /** The exact text for the decoder; goes first. */
  readonly configText?: string;
  readonly schedulerConfig?: unknown;
  readonly featureGates?: Readonly<Record<string, boolean>>;
}

export const hasConfiguration = ({ configText, schedulerConfig }: Configured): boolean =>
  Boolean(configText) || schedulerConfig !== undefined;

/** Throws ConfigError. */
export function configurationOf(testCase: Configured): ResolvedConfig {
  const { configText, schedulerConfig, featureGates } = testCase;
  if (!hasConfiguration(testCase)) return defaultConfig(inTreePlugins, featureGates);
  return resolveConfig(configText || JSON.stringify(schedulerConfig), inTreePlugins, featureGates);
}

/** Only what the golden files record, so that nothing else that a profile may carry counts as a difference. */
export function profileResults(config: ResolvedConfig): ResolvedProfile[] {
  return config.profiles.map(({ schedulerName, percentageOfNodesToScore, plugins, pluginConfig }) => ({
    schedulerName,
    percentageOfNodesToScore,
    plugins,
    pluginConfig,
  }));
}
