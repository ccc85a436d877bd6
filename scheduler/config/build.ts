/**
 * What upstream finds out only when it makes extenders and profiles from a valid configuration.
 * Source: `pkg/scheduler/scheduler.go` (buildExtenders), `profile/profile.go`, `framework/runtime/framework.go`, v1.37.2.
 * Certificates of extenders are not read here.
 */
import { aggregate, goQuote } from '../../api/index.ts';
import { toPlain } from '../../api/text/value.ts';
import { encodeArgs, type TypedArgs } from './args/definition.ts';
import { argsDefinitions } from './args/index.ts';
import { type NodeResourcesFitArgs, nodeResourcesFitArgs } from './args/node-resources-fit.ts';
import type { Configuration, PluginConfig, Profile } from './configuration.ts';
import { BuildError, expandPlugins } from './expand.ts';
import { extenderOf } from './extender.ts';
import { ConfigError, type PluginRegistry, type ResolvedConfig, type ResolvedProfile } from './types.ts';

/** Throws ConfigError. */
export function build(config: Configuration, registry: PluginRegistry): ResolvedConfig {
  const extenders = inContext("couldn't build extenders", () => config.extenders.map(extenderOf));
  const profiles = inContext("couldn't build extenders", () => ignoreManagedResources(config));
  return {
    parallelism: config.parallelism,
    percentageOfNodesToScore: config.percentageOfNodesToScore,
    percentageIsExplicit: config.percentageIsExplicit,
    podInitialBackoffSeconds: Number(config.podInitialBackoffSeconds),
    podMaxBackoffSeconds: Number(config.podMaxBackoffSeconds),
    extenders,
    profiles: inContext('initializing profiles', () => buildProfiles(profiles, registry)),
  };
}

/** Resources that extenders manage and the scheduler shall ignore replace what NodeResourcesFit was told to ignore. */
function ignoreManagedResources({ extenders, profiles }: Configuration): readonly Profile[] {
  const ignored = extenders
    .flatMap(({ managedResources }) => managedResources ?? [])
    .filter(({ ignoredByScheduler }) => ignoredByScheduler)
    .map(({ name }) => name);
  if (ignored.length === 0) return profiles;
  return profiles.map((profile) => {
    const at = profile.pluginConfig.findIndex(({ name }) => name === nodeResourcesFitArgs.plugin);
    if (at < 0) throw new BuildError("can't find NodeResourcesFitArgs in plugin config");
    const { name, args } = profile.pluginConfig[at]!;
    const { definition, value } = args as TypedArgs<NodeResourcesFitArgs>;
    const changed = { definition, value: { ...value, ignoredResources: ignored } } as TypedArgs;
    return { ...profile, pluginConfig: profile.pluginConfig.with(at, { name, args: changed }) };
  });
}

function buildProfiles(profiles: readonly Profile[], registry: PluginRegistry): ResolvedProfile[] {
  let first: { readonly queueSort: string; readonly args: string } | undefined;
  return profiles.map((profile) => {
    const { schedulerName } = profile;
    const resolved = inProfile(schedulerName, () => buildProfile(profile, registry));
    const queueSort = resolved.plugins.queueSort![0]!.name;
    const args = JSON.stringify(resolved.pluginConfig.find(({ name }) => name === queueSort)?.args ?? null);
    first ??= { queueSort, args };
    if (first.queueSort !== queueSort) {
      const both = `${goQuote(queueSort)}, first: ${goQuote(first.queueSort)}`;
      throw new BuildError(`different queue sort plugins for profile ${goQuote(schedulerName)}: ${both}`);
    }
    if (first.args !== args) {
      throw new BuildError(`different queue sort plugin args for profile ${goQuote(schedulerName)}`);
    }
    return resolved;
  });
}

function buildProfile(profile: Profile, registry: PluginRegistry): ResolvedProfile {
  checkArgs(profile, registry);
  const { schedulerName, percentageOfNodesToScore, pluginConfig } = profile;
  return {
    schedulerName,
    percentageOfNodesToScore,
    plugins: expandPlugins(profile, registry),
    pluginConfig: pluginConfig.map((config) => ({ name: config.name, args: plainArgs(config) })),
  };
}

/** Upstream makes the plugins in no particular order; here it is that of the registry. */
function checkArgs({ plugins, pluginConfig }: Profile, registry: PluginRegistry): void {
  const needed = new Set(Object.values(plugins).flatMap(({ enabled }) => enabled.map(({ name }) => name)));
  for (const name of registry.keys()) {
    const definition = argsDefinitions.get(name);
    if (definition === undefined || !needed.has(name)) continue;
    const args = pluginConfig.find((config) => config.name === name)?.args;
    const wrong = args === undefined ? definition.absent : aggregate(definition.errors(args.value, ''));
    if (wrong !== '') throw new BuildError(`initializing plugin ${goQuote(name)}: ${wrong}`);
  }
}

const plainArgs = ({ args, raw }: PluginConfig): unknown =>
  args === undefined ? toPlain(raw ?? null) : encodeArgs(args);

const inProfile = <T>(schedulerName: string, work: () => T): T =>
  prefixed(`creating profile for scheduler name ${schedulerName}`, work, BuildError);

function inContext<T>(context: string, work: () => T): T {
  return prefixed(
    context,
    work,
    class extends ConfigError {
      constructor(message: string) {
        super('build', message);
      }
    },
  );
}

function prefixed<T>(context: string, work: () => T, Failure: new (message: string) => Error): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof BuildError) throw new Failure(`${context}: ${error.message}`);
    throw error;
  }
}
