/** Plugins of the user's own, named by the path of their module. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../api/index.ts';
import { inTreePoints } from './in-tree-points.contract.ts';
import { ConfigError, loadConfig } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'berth-plugins-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
mkdirSync(join(folder, 'configs'));
write('pack.mjs', "export default { name: 'Pack', points: ['score'], create: (args) => ({ args }) };");
write('named.mjs', "export const plugin = { name: 'Named', points: ['filter'], create: () => ({}) };");
write('pack-too.mjs', "export default { name: 'Pack', points: ['score'], create: () => ({}) };");
write('node-name.mjs', "export default { name: 'NodeName', points: ['filter'], create: () => ({}) };");
write('nothing.mjs', 'export const other = 1;');
write('nameless.mjs', "export default { points: ['score'], create: () => ({}) };");
write('pointless.mjs', "export default { name: 'P', create: () => ({}) };");
write('strange.mjs', "export default { name: 'P', points: ['score', 'scoring'], create: () => ({}) };");
write('uncreated.mjs', "export default { name: 'P', points: ['score'] };");
write(
  'dependent.mjs',
  "export default { name: 'P', points: ['score'], create: () => ({}), dependsOn: { score: 'pods' } };",
);
write('broken.mjs', "throw new Error('no luck');");

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
const scoring = (...names: string[]): string =>
  `${HEAD}profiles:\n- plugins:\n    score:\n      enabled: [${names.map((name) => `{name: ${name}, weight: 4}`).join(', ')}]\n`;
const load = (text: string, file?: string) => loadConfig({ text, file, baseDir: folder, registry: inTreePoints });

describe('a module', () => {
  test('takes the place of its path wherever the text names it', async () => {
    const text = `${scoring('./pack.mjs')}  pluginConfig: [{name: ./pack.mjs, args: {shape: [1]}}]\n`;
    const { config, registry } = await load(text);
    const [profile] = config.profiles;
    expect(profile!.plugins.score!.at(-1)).toEqual({ name: 'Pack', weight: 4 });
    expect(profile!.pluginConfig[0]).toEqual({ name: 'Pack', args: { shape: [1] } });
    expect(registry.get('Pack')!.points).toEqual(['score']);
    expect(inTreePoints.has('Pack')).toBe(false);
  });

  test('may be found from another folder, by an absolute path or by a URL, and counts once', async () => {
    const url = pathToFileURL(join(folder, 'pack.mjs')).href;
    const text = `${HEAD}profiles:\n- schedulerName: a\n  plugins: {score: {enabled: [{name: ../pack.mjs}]}}\n- schedulerName: b\n  plugins: {score: {enabled: [{name: '${url}'}], disabled: [{name: ${join(folder, 'pack.mjs')}}]}}\n`;
    const { config } = await loadConfig({ text, baseDir: join(folder, 'configs'), registry: inTreePoints });
    expect(config.profiles.map(({ plugins }) => plugins.score!.at(-1)!.name)).toEqual(['Pack', 'Pack']);
  });

  test('may export its plugin by the name "plugin"', async () => {
    const { config } = await load(`${HEAD}profiles: [{plugins: {multiPoint: {enabled: [{name: ./named.mjs}]}}}]`);
    expect(config.profiles[0]!.plugins.filter!.at(-1)).toEqual({ name: 'Named' });
  });

  const NAME = 'profiles[0].plugins.score.enabled[0].name';
  test.each([
    ['./missing.mjs', `plugin module not found: there is no file ${join(folder, 'missing.mjs')}`],
    [
      './nothing.mjs',
      'plugin module ./nothing.mjs exports no plugin: its default export, or the one named "plugin", must be { name, points, create }',
    ],
    [
      './nameless.mjs',
      'plugin module ./nameless.mjs exports a plugin without a name: its default export, or the one named "plugin", must be { name, points, create }',
    ],
    [
      './pointless.mjs',
      'plugin module ./pointless.mjs exports the plugin "P" without points: list the extension points that it implements',
    ],
    [
      './strange.mjs',
      'plugin module ./strange.mjs exports the plugin "P" with an unknown extension point "scoring"; there are preFilter, filter, postFilter, reserve, preScore, score, preBind, bind, postBind, permit, preEnqueue, queueSort, placementGenerate, placementScore, podGroupPostFilter',
    ],
    ['./uncreated.mjs', 'plugin module ./uncreated.mjs exports the plugin "P" without a function create(args, handle)'],
    [
      './dependent.mjs',
      'plugin module ./dependent.mjs exports the plugin "P" with dependsOn.score "pods"; it can be one of node, usage, domain, cluster',
    ],
    ['./broken.mjs', 'plugin module ./broken.mjs cannot be loaded: no luck'],
    [
      './node-name.mjs',
      'the plugin of ./node-name.mjs is named "NodeName" like an in-tree plugin; give it a name of its own',
    ],
  ])('%s: an error for people, with its place', async (module, message) => {
    const failure = load(scoring(module), 'most.yaml');
    await expect(failure).rejects.toBeInstanceOf(InputError);
    await expect(failure).rejects.toThrow(expect.objectContaining({ message: `most.yaml: ${NAME}: ${message}` }));
  });

  test('may not share its name with the plugin of another module', async () => {
    await expect(load(scoring('./pack.mjs', './pack-too.mjs'))).rejects.toThrow(
      'profiles[0].plugins.score.enabled[1].name: the plugin of ./pack-too.mjs is named "Pack" like the plugin of another module; give it a name of its own',
    );
  });
});

describe('the rest of the text', () => {
  test('is read as strictly as upstream does', async () => {
    const failure = load(`${scoring('./pack.mjs')}profile: []\n`, 'most.yaml');
    await expect(failure).rejects.toBeInstanceOf(ConfigError);
    await expect(failure).rejects.toThrow(
      expect.objectContaining({
        stage: 'decode',
        message: 'most.yaml: strict decoding error: unknown field "profile"',
      }),
    );
  });

  test('is resolved with the points that the module names', async () => {
    await expect(load(`${HEAD}profiles: [{plugins: {filter: {enabled: [{name: ./pack.mjs}]}}}]`)).rejects.toThrow(
      'plugin "Pack" does not extend FilterPlugin plugin',
    );
  });
});
