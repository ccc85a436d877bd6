/** The stages of a configuration, one after the other. */
import type { FeatureGates } from '../feature-gates.ts';
import { build } from './build.ts';
import { decode } from './decode.ts';
import { NOTHING_SAID, withDefaults } from './defaults.ts';
import { type ConfigText, readText } from './read-text.ts';
import type { PluginRegistry, ResolvedConfig } from './types.ts';
import { validate } from './validate.ts';

type Gates = Partial<FeatureGates>;

/** Throws ConfigError, which tells the stage that failed. Feature gates decide which plugins are there by default. */
export const resolveConfig = (text: string, registry: PluginRegistry, gates: Gates = {}): ResolvedConfig =>
  resolveText(readText(text), registry, gates);

/** What kube-scheduler runs without a configuration file. */
export const defaultConfig = (registry: PluginRegistry, gates: Gates = {}): ResolvedConfig =>
  build(withDefaults(NOTHING_SAID, gates), registry);

/** As `resolveConfig`, from a text that has been read already. */
export function resolveText(text: ConfigText, registry: PluginRegistry, gates: Gates = {}): ResolvedConfig {
  const config = withDefaults(decode(text), gates);
  validate(config);
  return build(config, registry);
}
