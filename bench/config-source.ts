/** Configurations as texts: small to hand to workers, which load them (and the plugin modules they name) by themselves. */
import { InputError } from '../api/index.ts';
import { httpTransport } from '../cluster/extender-http/index.ts';
import { expressionPlugins, inTreePlugins } from '../plugins/index.ts';
import { loadConfig } from '../scheduler/config/load-config.ts';
import { ConfigError, createScheduler, type PluginRegistry, type ResolvedConfig } from '../scheduler/index.ts';

export interface ConfigSource {
  /** Unique in a run; stands in the `profile` column of results. */
  readonly name: string;
  readonly text: string;
  /** The file as the user named it, for messages; absent for shipped configurations. */
  readonly file?: string;
  /** The folder that paths of plugin modules in the text start from. @default the current one */
  readonly baseDir?: string;
}

export interface LoadedConfig {
  readonly config: ResolvedConfig;
  /** In-tree plugins and those of the modules that the text names. */
  readonly registry: PluginRegistry;
}

/** Throws InputError, with the file's name in front, when the configuration cannot be used. */
export async function loadSource({ name, text, file, baseDir = '.' }: ConfigSource): Promise<LoadedConfig> {
  try {
    const loaded = await loadConfig({ text, baseDir, registry: inTreePlugins, named: expressionPlugins });
    // Making the plugins is the last check that upstream does at the start.
    createScheduler({ ...loaded, extenderTransport: httpTransport });
    return loaded;
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof InputError)) throw error;
    throw new InputError(`config ${file ?? name}: ${error.message}`);
  }
}
