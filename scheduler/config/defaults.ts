/** What a configuration means where it says nothing. Source: `apis/config/v1/defaults.go`, v1.37.2. */
import type { FeatureGates } from '../feature-gates.ts';
import type { TypedArgs } from './args/definition.ts';
import { argsDefinitions } from './args/index.ts';
import type { ConfigPoint, Configuration, LeaderElection, PluginConfig, PluginSet, Profile } from './configuration.ts';
import type { DecodedConfiguration } from './decode.ts';
import { mergeWithDefaults } from './default-plugins.ts';
import { SECOND } from './duration.ts';
import { type ConfigurationV1, configuration as configurationSchema, type ProfileV1 } from './schema/configuration.ts';

/** The configuration of a text that says nothing but its kind. */
export const NOTHING_SAID: DecodedConfiguration = { configuration: configurationSchema.zero(), args: [] };

const NO_PROFILE: ProfileV1 = {
  schedulerName: undefined,
  percentageOfNodesToScore: undefined,
  plugins: undefined,
  pluginConfig: undefined,
};

export function withDefaults(
  { configuration, args }: DecodedConfiguration,
  gates: Partial<FeatureGates> = {},
): Configuration {
  const given = configuration.profiles ?? [];
  const profiles = given.length === 0 ? [NO_PROFILE] : given;
  const { percentageOfNodesToScore, clientConnection, extenders } = configuration;
  return {
    parallelism: configuration.parallelism ?? 16,
    leaderElection: leaderElectionOf(configuration.leaderElection),
    clientConnection: { burst: clientConnection.burst || 100 },
    percentageOfNodesToScore: percentageOfNodesToScore ?? 0,
    percentageIsExplicit: percentageOfNodesToScore !== undefined,
    podInitialBackoffSeconds: configuration.podInitialBackoffSeconds ?? 1n,
    podMaxBackoffSeconds: configuration.podMaxBackoffSeconds ?? 10n,
    // A name is supplied for a profile that is alone.
    profiles: profiles.map((profile, i) =>
      profileOf(profile, profiles.length === 1 ? 'default-scheduler' : '', args[i] ?? [], gates),
    ),
    extenders: extenders ?? [],
  };
}

function leaderElectionOf(given: ConfigurationV1['leaderElection']): LeaderElection {
  return {
    leaderElect: given.leaderElect ?? true,
    leaseDuration: given.leaseDuration || 15n * SECOND,
    renewDeadline: given.renewDeadline || 10n * SECOND,
    retryPeriod: given.retryPeriod || 2n * SECOND,
    resourceLock: given.resourceLock || 'leases',
  };
}

function profileOf(
  given: ProfileV1,
  defaultName: string,
  args: ReadonlyArray<TypedArgs | undefined>,
  gates: Partial<FeatureGates>,
): Profile {
  const plugins = mergeWithDefaults(given.plugins, gates);
  const listed = (given.pluginConfig ?? []).map(({ name, args: raw }, i) => {
    const typed = args[i];
    return typed === undefined ? { name, raw } : { name, args: defaulted(typed) };
  });
  return {
    schedulerName: given.schedulerName ?? defaultName,
    percentageOfNodesToScore: given.percentageOfNodesToScore,
    plugins,
    pluginConfig: [...listed, ...unlisted(plugins, new Set(listed.map(({ name }) => name)))],
  };
}

/** Default arguments of enabled plugins that `pluginConfig` does not list. */
function unlisted(plugins: Readonly<Record<ConfigPoint, PluginSet>>, listed: ReadonlySet<string>): PluginConfig[] {
  const enabled = new Set<string>();
  for (const [point, set] of Object.entries(plugins)) {
    // Upstream forgets this one point here, so a plugin that is enabled nowhere else gets no arguments.
    if (point === 'podGroupPostFilter') continue;
    for (const { name } of set.enabled) enabled.add(name);
  }
  return [...enabled].sort().flatMap((name) => {
    const definition = listed.has(name) ? undefined : argsDefinitions.get(name);
    if (definition === undefined) return [];
    return [{ name, args: defaulted({ definition, value: definition.schema.zero() }) }];
  });
}

const defaulted = ({ definition, value }: TypedArgs): TypedArgs => ({ definition, value: definition.defaulted(value) });
