/** Is a defaulted configuration sound? Source: `apis/config/validation/validation.go`, v1.37.2. */
import {
  aggregate,
  duplicateValue,
  type FieldError,
  goJson,
  invalidValue,
  Rendered,
  requiredValue,
} from '../../api/index.ts';
import { compactJson, toJsonText } from '../../api/text/value.ts';
import { CONFIG_VERSION, showArgs } from './args/definition.ts';
import type { ConfigPoint, Configuration, LeaderElection, PluginConfig, PluginSet, Profile } from './configuration.ts';
import { formatDuration } from './duration.ts';
import { ConfigError } from './types.ts';
import { extenderErrors } from './validate-extenders.ts';

/** Plugins that are gone, and the API version in which they went. */
const REMOVED_PLUGINS: ReadonlySet<string> = new Set(['AzureDiskLimits', 'CinderLimits', 'EBSLimits', 'GCEPDLimits']);
const REMOVED_TEXT = `was invalid in version "v1" (KubeSchedulerConfiguration is version "${CONFIG_VERSION}")`;
/** Upstream looks for removed plugins here, in no particular order, and not at the other points. */
const POINTS_CHECKED: readonly ConfigPoint[] = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
  'podGroupPostFilter',
];

/** Throws ConfigError with everything that is wrong. */
export function validate(config: Configuration): void {
  const { clientConnection, parallelism, podInitialBackoffSeconds: initial, podMaxBackoffSeconds: max } = config;
  const errors: FieldError[] = [];
  if (clientConnection.burst < 0) {
    errors.push(invalidValue('clientConnection.burst', clientConnection.burst, 'must be non-negative'));
  }
  errors.push(...leaderElectionErrors(config.leaderElection));
  if (parallelism <= 0) {
    errors.push(invalidValue('parallelism', parallelism, 'should be an integer value greater than zero'));
  }
  errors.push(...profilesErrors(config.profiles), ...queueSortErrors(config.profiles));
  errors.push(...percentageErrors('percentageOfNodesToScore', config.percentageOfNodesToScore));
  if (initial <= 0n) errors.push(invalidValue('podInitialBackoffSeconds', initial, 'must be greater than 0'));
  if (max < initial) {
    const detail = 'must be greater than or equal to PodInitialBackoffSeconds';
    errors.push(invalidValue('podMaxBackoffSeconds', max, detail));
  }
  errors.push(...extenderErrors(config.extenders));
  if (errors.length > 0) throw new ConfigError('validate', aggregate(errors));
}

/** Source: `component-base/config/validation/validation.go`, v0.37.2. */
function leaderElectionErrors(election: LeaderElection): FieldError[] {
  if (!election.leaderElect) return [];
  const errors: FieldError[] = [];
  for (const field of ['leaseDuration', 'renewDeadline', 'retryPeriod'] as const) {
    if (election[field] <= 0n) {
      errors.push(
        invalidValue(`leaderElection.${field}`, formatDuration(election[field]), 'must be greater than zero'),
      );
    }
  }
  const { leaseDuration, renewDeadline, resourceLock } = election;
  if (leaseDuration <= renewDeadline) {
    const shown = formatDuration(renewDeadline);
    errors.push(invalidValue('leaderElection.leaseDuration', shown, 'must be greater than `RenewDeadline`'));
  }
  if (resourceLock !== 'leases') {
    errors.push(invalidValue('leaderElection.resourceLock', resourceLock, 'resourceLock value must be "leases"'));
  }
  return errors;
}

function profilesErrors(profiles: readonly Profile[]): FieldError[] {
  const seen = new Set<string>();
  return profiles.flatMap((profile, i) => {
    const path = `profiles[${i}]`;
    const { schedulerName, percentageOfNodesToScore } = profile;
    const errors: FieldError[] = [];
    if (schedulerName === '') errors.push(requiredValue(`${path}.schedulerName`));
    errors.push(...percentageErrors(`${path}.percentageOfNodesToScore`, percentageOfNodesToScore));
    errors.push(...pluginErrors(profile, path));
    // The value that upstream shows is a field path, whose JSON is empty.
    if (seen.has(schedulerName)) errors.push(duplicateValue(`${path}.schedulerName`, new Rendered('{}')));
    seen.add(schedulerName);
    return errors;
  });
}

const percentageErrors = (path: string, percentage: number | undefined): FieldError[] =>
  percentage !== undefined && (percentage < 0 || percentage > 100)
    ? [invalidValue(path, percentage, 'not in valid range [0-100]')]
    : [];

function pluginErrors({ plugins, pluginConfig }: Profile, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const point of POINTS_CHECKED) {
    plugins[point].enabled.forEach(({ name }, i) => {
      const at = `${path}.plugins.${point}.enabled[${i}]`;
      if (REMOVED_PLUGINS.has(name)) errors.push(invalidValue(at, name, REMOVED_TEXT));
    });
  }
  const seen = new Set<string>();
  pluginConfig.forEach(({ name, args }, i) => {
    const at = `${path}.pluginConfig[${i}]`;
    if (seen.has(name)) errors.push(duplicateValue(at, name));
    seen.add(name);
    if (REMOVED_PLUGINS.has(name)) errors.push(invalidValue(at, name, REMOVED_TEXT));
    else if (args?.definition.checkedAt === 'validate')
      errors.push(...args.definition.errors(args.value, `${at}.args`));
  });
  return errors;
}

/** All profiles share one queue, so they must sort it alike. */
function queueSortErrors(profiles: readonly Profile[]): FieldError[] {
  const [first, ...others] = profiles;
  if (first === undefined) return [];
  const errors: FieldError[] = [];
  const { queueSort } = first.plugins;
  if (queueSort.enabled.length > 1) {
    const detail = 'only one queue sort plugin can be enabled';
    errors.push(invalidValue('profiles[0].plugins.queueSort.Enabled', queueSort.enabled.length, detail));
  }
  // '' when the plugin comes through multiPoint; upstream then compares arguments that have no name.
  const name = queueSort.enabled[0]?.name ?? '';
  const configured = name === '' ? undefined : first.pluginConfig.findLast((config) => config.name === name);
  const args = configured === undefined ? 'null' : argsText(configured);
  others.forEach((profile, i) => {
    const path = `profiles[${i + 1}]`;
    const shown = goPluginSet(profile.plugins.queueSort);
    if (shown !== goPluginSet(queueSort)) {
      errors.push(invalidValue(`${path}.plugins.queueSort`, new Rendered(shown), 'must be the same for all profiles'));
    }
    for (const config of profile.pluginConfig) {
      const own = argsText(config);
      if (config.name !== name || own === args) continue;
      const detail = 'queueSort must be the same for all profiles';
      errors.push(invalidValue(`${path}.pluginConfig.args`, new Rendered(compactJson(own)), detail));
    }
  });
  return errors;
}

const argsText = ({ args, raw }: PluginConfig): string =>
  args === undefined ? toJsonText(raw ?? null) : showArgs(args);

/** A plugin set as Go's JSON encoder writes the internal type. */
function goPluginSet({ enabled, disabled }: PluginSet): string {
  const list = (plugins: ReadonlyArray<{ readonly name: string; readonly weight: number }>) =>
    plugins.length === 0 ? null : plugins.map(({ name, weight }) => ({ Name: name, Weight: weight }));
  return goJson({ Enabled: list(enabled), Disabled: list(disabled.map((name) => ({ name, weight: 0 }))) });
}
