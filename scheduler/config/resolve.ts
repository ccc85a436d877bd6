/** The stages of a configuration, one after the other. */
import { build } from './build.ts';
import { decode } from './decode.ts';
import { NOTHING_SAID, withDefaults } from './defaults.ts';
import { type ConfigText, readText } from './text/read-text.ts';
import type { PluginRegistry, ResolvedConfig } from './types.ts';
import { validate } from './validate.ts';

/** Throws ConfigError, which tells the stage that failed. */
export const resolveConfig = (text: string, registry: PluginRegistry): ResolvedConfig =>
  resolveText(readText(text), registry);

/** What kube-scheduler runs without a configuration file. */
export const defaultConfig = (registry: PluginRegistry): ResolvedConfig => build(withDefaults(NOTHING_SAID), registry);

/** As `resolveConfig`, from a text that has been read already. */
export function resolveText(text: ConfigText, registry: PluginRegistry): ResolvedConfig {
  const config = withDefaults(decode(text));
  validate(config);
  return build(config, registry);
}
