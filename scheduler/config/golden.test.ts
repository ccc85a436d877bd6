/** Configurations and kube-scheduler v1.37.2's own answers: every golden file that has one. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { inTreePlugins } from '../../plugins/index.ts';
import { IN_TREE_POINTS } from './in-tree-points.contract.ts';
import { ConfigError, defaultConfig, type ResolvedConfig, resolveConfig } from './index.ts';

interface Golden {
  readonly case: { readonly configText?: string; readonly schedulerConfig?: unknown };
  readonly result: { readonly profiles?: unknown; readonly kubernetes: string };
}

const root = new URL('../../conformance/golden/', import.meta.url);
const filesOf = (family: string): string[] =>
  readdirSync(new URL(`${family}/`, root)).map((file) => `${family}/${file}`);
const read = (file: string): Golden => JSON.parse(gunzipSync(readFileSync(new URL(file, root))).toString());
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function answer(text: string): unknown {
  try {
    const config = resolveConfig(text, inTreePlugins);
    const { percentageIsExplicit, extenders, ...rest } = config;
    return plain({ kubernetes: 'v1.37.2', ...rest, extenders: extenders.length || undefined });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { kubernetes: 'v1.37.2', error: error.message, errorStage: error.stage };
  }
}

describe('family config: resolved profiles, or the exact error and its stage', () => {
  const files = filesOf('config');
  expect(files.length).toBeGreaterThanOrEqual(40);
  test.each(files)('%s', (file) => {
    const golden = read(file);
    expect(answer(golden.case.configText!)).toEqual(golden.result);
  });
});

describe('profiles of the families that carry a configuration', () => {
  const families = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const files = families
    .flatMap(({ name }) => filesOf(name))
    .filter((file) => read(file).case.schedulerConfig !== undefined);
  expect(files.length).toBeGreaterThanOrEqual(40);
  test.each(files)('%s', (file) => {
    const golden = read(file);
    const text = JSON.stringify(golden.case.schedulerConfig);
    expect(plain(resolveConfig(text, inTreePlugins).profiles)).toEqual(golden.result.profiles);
  });
});

test('the default configuration is that of a text that names nothing but its kind', () => {
  const text = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
  const named: ResolvedConfig = resolveConfig(text, inTreePlugins);
  expect(defaultConfig(inTreePlugins)).toEqual(named);
});

test('in-tree plugins implement the extension points that upstream lists', () => {
  const points = [...inTreePlugins].map(([name, definition]) => [name, [...definition.points].sort()]);
  const upstream = Object.entries(IN_TREE_POINTS).map(([name, list]) => [name, [...list].sort()]);
  expect(Object.fromEntries(points)).toEqual(Object.fromEntries(upstream));
});
