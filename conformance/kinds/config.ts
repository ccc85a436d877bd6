/** Runs configuration files: the text of a KubeSchedulerConfiguration, and its resolved form or upstream's exact error. */
import { inTreePlugins } from '../../plugins/index.ts';
import { Framework } from '../../scheduler/framework.ts';
import { ConfigError, type ResolvedProfile } from '../../scheduler/index.ts';
import { compareValues, type Difference } from '../compare.ts';
import type { Document } from '../golden-file.ts';
import type { ShapeOf } from '../shape.ts';
import { caseAndResult, refuseUnknownFields } from './case-document.ts';
import { configurationOf, profileResults } from './configuration.ts';
import { PROFILE, UPSTREAM_VERSION } from './decision-types.ts';
import type { Comparison, Golden, GoldenKind } from './kind.ts';
import { locateInResult } from './locate.ts';

export interface ConfigCase {
  readonly family: 'config';
  readonly configText?: string;
  readonly schedulerConfig?: unknown;
}

export interface ConfigResult {
  readonly kubernetes: string;
  readonly error?: string;
  readonly errorStage?: string;
  readonly parallelism?: number;
  readonly percentageOfNodesToScore?: number;
  readonly podInitialBackoffSeconds?: number;
  readonly podMaxBackoffSeconds?: number;
  /** How many; absent for none. */
  readonly extenders?: number;
  readonly profiles?: readonly ResolvedProfile[];
}

const CONFIG_RESULT: ShapeOf<ConfigResult> = {
  fields: {
    kubernetes: 'value',
    error: 'value',
    errorStage: 'value',
    parallelism: 'value',
    percentageOfNodesToScore: 'value',
    podInitialBackoffSeconds: 'value',
    podMaxBackoffSeconds: 'value',
    extenders: 'value',
    profiles: { list: PROFILE },
  },
};

/** What a case of this family may hold; a cluster in it would not be looked at. */
const CASE_FIELDS = new Set(['family', 'name', 'seed', 'description', 'options', 'configText', 'schedulerConfig']);

export const configKind: GoldenKind<ConfigCase, ConfigResult> = {
  name: 'config',
  read,
  run: runConfig,
  compare,
  count: () => ({ pods: 0, attempts: 0 }),
  locate: (path, { result }) => locateInResult(path, result),
};

function read(document: Document): Golden<ConfigCase, ConfigResult> | undefined {
  const golden = caseAndResult(document);
  if (golden === undefined || golden.case.family !== 'config') return undefined;
  refuseUnknownFields(document, golden.case, CASE_FIELDS);
  const { configText } = golden.case;
  if (configText !== undefined && typeof configText !== 'string')
    throw new Error('case.configText: a text is expected');
  return golden as unknown as Golden<ConfigCase, ConfigResult>;
}

export function runConfig(testCase: ConfigCase): ConfigResult {
  try {
    const config = configurationOf(testCase);
    // Profiles are made too: some arguments are only checked by the plugins themselves.
    for (const profile of config.profiles) new Framework(profile, inTreePlugins);
    return {
      kubernetes: UPSTREAM_VERSION,
      parallelism: config.parallelism,
      percentageOfNodesToScore: config.percentageOfNodesToScore,
      podInitialBackoffSeconds: config.podInitialBackoffSeconds,
      podMaxBackoffSeconds: config.podMaxBackoffSeconds,
      extenders: config.extenders.length || undefined,
      profiles: profileResults(config),
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { kubernetes: UPSTREAM_VERSION, error: error.message, errorStage: error.stage };
  }
}

function compare({ result }: Golden<ConfigCase, ConfigResult>, got: ConfigResult): Comparison {
  const notes: string[] = [];
  const differences = compareValues(result, got, CONFIG_RESULT).filter((difference) => {
    if (!isEquivalentDecoderError(difference, result, got)) return true;
    notes.push(`error: equal but for Go's types and file names: "${result.error}", got "${got.error}"`);
    return false;
  });
  return { differences, notes };
}

function isEquivalentDecoderError(difference: Difference, expected: ConfigResult, got: ConfigResult): boolean {
  if (difference.path.join('.') !== 'error' || difference.kind !== 'value') return false;
  if (expected.errorStage !== 'decode' || got.errorStage !== 'decode') return false;
  return maskGoNames(expected.error ?? '') === maskGoNames(got.error ?? '');
}

/**
 * Texts of Go's JSON and YAML libraries name Go types and Go files, which change from release to release and say nothing
 * to a user. The stage and the rest of the text, field included, have to be equal all the same.
 */
export function maskGoNames(message: string): string {
  return message
    .replace(/\bGo (value|struct field [\w.[\]]+) of type [^\s:]+/g, 'Go $1 of type <type>')
    .replace(/\bGo struct field \w+\./g, 'Go struct field <type>.')
    .replace(/[\w./-]+\.go:\d+/g, '<file>');
}
