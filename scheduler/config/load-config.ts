/**
 * A configuration that names plugins of the user's own. Wherever the text may name a plugin it may name an ES module
 * instead: `./my-plugin.mjs`. The module's plugin takes the place of the path, and what remains is a
 * `KubeSchedulerConfiguration` as upstream reads it.
 */
import { InputError } from '../../api/index.ts';
import { isList, ObjectValue, toPlain, type Value } from '../../api/text/value.ts';
import type { FeatureGates } from '../feature-gates.ts';
import type { PluginDefinition } from '../plugin.ts';
import { isModulePath, loadPluginModule } from './plugin-module.ts';
import { readText } from './read-text.ts';
import { resolveText } from './resolve.ts';
import { ConfigError, type PluginRegistry, type ResolvedConfig } from './types.ts';

/** Plugins that come into being by their name and arguments, such as expressions. */
export interface NamedPlugins {
  /** What such names begin with. */
  readonly prefix: string;
  /** Throws an Error that says what is wrong with the arguments. */
  make(name: string, args: unknown): Promise<PluginDefinition>;
}

export interface LoadOptions {
  readonly text: string;
  /** Stands in front of messages. */
  readonly file?: string;
  /** The folder that relative module paths start from. */
  readonly baseDir: string;
  readonly registry: PluginRegistry;
  readonly named?: NamedPlugins;
  /** Differences from the defaults of v1.37. */
  readonly featureGates?: Partial<FeatureGates>;
}

export interface LoadedConfig {
  readonly config: ResolvedConfig;
  /** The given registry and the plugins of the modules. */
  readonly registry: PluginRegistry;
}

/** Throws ConfigError for the configuration, InputError for a module. */
export async function loadConfig({
  text,
  file,
  baseDir,
  registry,
  named,
  featureGates,
}: LoadOptions): Promise<LoadedConfig> {
  try {
    const read = readText(text);
    const paths = new Map<string, string>();
    mapPluginNames(read.value, (name, path) => {
      if (isModulePath(name) && !paths.has(name)) paths.set(name, path);
      return name;
    });
    const modules = new Map<string, PluginDefinition>();
    for (const [name, path] of paths) modules.set(name, await inField(file, path, loadPluginModule(name, baseDir)));
    if (named !== undefined) await addNamed(named, read.value, modules, paths, file);
    const extended = withPlugins(registry, modules, paths, file);
    const value = mapPluginNames(read.value, (name) => modules.get(name)?.name ?? name);
    return { config: resolveText({ ...read, value }, extended, featureGates), registry: extended };
  } catch (error) {
    if (error instanceof ConfigError && file !== undefined)
      throw new ConfigError(error.stage, `${file}: ${error.message}`);
    throw error;
  }
}

/** Makes the plugins that have a prefix of their own; each name means one thing in the whole configuration. */
async function addNamed(
  { prefix, make }: NamedPlugins,
  root: Value,
  plugins: Map<string, PluginDefinition>,
  paths: Map<string, string>,
  file: string | undefined,
): Promise<void> {
  const found = new Map<string, string>();
  mapPluginNames(root, (name, path) => {
    if (name.startsWith(prefix) && !found.has(name)) found.set(name, path);
    return name;
  });
  if (found.size === 0) return;
  const args = argumentsOf(root, prefix);
  for (const [name, path] of found) {
    const given = args.get(name) ?? [];
    const texts = new Set(given.map((each) => JSON.stringify(each)));
    if (texts.size > 1) {
      throw new InputError(`${name} has different arguments in two profiles; give one of them another name`, {
        file,
        path,
      });
    }
    try {
      plugins.set(name, await make(name, given[0]));
    } catch (error) {
      throw new InputError((error as Error).message, { file, path });
    }
    paths.set(name, path);
  }
}

/** By plugin: what the profiles' `pluginConfig` give it. */
function argumentsOf(root: Value, prefix: string): Map<string, unknown[]> {
  const args = new Map<string, unknown[]>();
  const plain = toPlain(root) as {
    profiles?: ReadonlyArray<{ pluginConfig?: ReadonlyArray<{ name?: unknown; args?: unknown }> }>;
  };
  const profiles = Array.isArray(plain?.profiles) ? plain.profiles : [];
  for (const profile of profiles) {
    const configs = Array.isArray(profile?.pluginConfig) ? profile.pluginConfig : [];
    for (const { name, args: given } of configs) {
      if (typeof name !== 'string' || !name.startsWith(prefix)) continue;
      args.set(name, [...(args.get(name) ?? []), given]);
    }
  }
  return args;
}

function withPlugins(
  registry: PluginRegistry,
  modules: ReadonlyMap<string, PluginDefinition>,
  paths: ReadonlyMap<string, string>,
  file: string | undefined,
): PluginRegistry {
  const extended = new Map(registry);
  for (const [module, definition] of modules) {
    const { name } = definition;
    const known = extended.get(name);
    if (known === definition) continue;
    if (known !== undefined) {
      const whose = registry.has(name) ? 'an in-tree plugin' : 'the plugin of another module';
      const message = `the plugin of ${module} is named "${name}" like ${whose}; give it a name of its own`;
      throw new InputError(message, { file, path: paths.get(module) });
    }
    extended.set(name, definition);
  }
  return extended;
}

/** Says where in the text a module was named. */
async function inField<T>(file: string | undefined, path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof InputError) throw new InputError(error.message, { file, path });
    throw error;
  }
}

type Rename = (name: string, path: string) => string;

/** The tree with other names for plugins; whatever does not look like a configuration is left for decoding to refuse. */
function mapPluginNames(root: Value, rename: Rename): Value {
  const named = (path: string) => (item: Value, i: number) =>
    mapFields(item, (key, value) =>
      key === 'name' && typeof value === 'string' ? rename(value, `${path}[${i}].name`) : value,
    );
  const inSet = (path: string) => (key: string, value: Value) =>
    key === 'enabled' || key === 'disabled' ? mapItems(value, named(`${path}.${key}`)) : value;
  const inProfile = (path: string) => (key: string, value: Value) => {
    if (key === 'plugins') return mapFields(value, (point, set) => mapFields(set, inSet(`${path}.plugins.${point}`)));
    return key === 'pluginConfig' ? mapItems(value, named(`${path}.pluginConfig`)) : value;
  };
  return mapFields(root, (key, value) =>
    key === 'profiles' ? mapItems(value, (profile, i) => mapFields(profile, inProfile(`profiles[${i}]`))) : value,
  );
}

const mapItems = (value: Value, change: (item: Value, index: number) => Value): Value =>
  isList(value) ? value.map(change) : value;

const mapFields = (value: Value, change: (key: string, value: Value) => Value): Value =>
  value instanceof ObjectValue
    ? new ObjectValue(value.entries.map(([key, child]) => [key, change(key, child)] as const))
    : value;
