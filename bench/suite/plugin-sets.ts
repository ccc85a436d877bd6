/** Score plugins compared by switching them on and off: each alone, in pairs, all of them, and all but one. */
import { InputError } from '../../api/index.ts';
import type { SuiteProfile } from './suite.ts';

export const PLUGIN_DESIGNS = ['alone', 'pairs', 'all', 'without'] as const;
export type PluginDesign = (typeof PLUGIN_DESIGNS)[number];

export interface WeightedPlugin {
  readonly name: string;
  readonly weight: number;
}

/** `A,B=5`: names with weights, 1 where none is given. Throws InputError. */
export function parsePlugins(text: string): WeightedPlugin[] {
  const plugins = text.split(',').map((part): WeightedPlugin => {
    const [name = '', weight = '1', ...rest] = part.trim().split('=');
    if (name === '' || rest.length > 0 || !/^\d+$/.test(weight) || Number(weight) === 0) {
      throw new InputError(`"${part}": write PLUGIN or PLUGIN=WEIGHT, a whole number above 0`);
    }
    return { name, weight: Number(weight) };
  });
  const twice = plugins.find(({ name }, index) => plugins.findIndex((other) => other.name === name) < index);
  if (twice !== undefined) throw new InputError(`${twice.name} stands there twice`);
  return plugins;
}

/** All of them come first: what the others are compared with. */
export function pluginProfiles(plugins: readonly WeightedPlugin[], designs: readonly PluginDesign[]): SuiteProfile[] {
  const sets = new Map<string, readonly WeightedPlugin[]>();
  const add = (name: string, set: readonly WeightedPlugin[]): void => {
    const key = set.map((plugin) => plugin.name).join('+');
    // With two plugins every pair is all of them, and all but one is one alone.
    if (set.length > 0 && ![...sets.values()].some((known) => known.map((plugin) => plugin.name).join('+') === key)) {
      sets.set(name, set);
    }
  };
  if (designs.includes('all')) add('all', plugins);
  if (designs.includes('without')) {
    for (const left of plugins)
      add(
        `without ${left.name}`,
        plugins.filter((plugin) => plugin !== left),
      );
  }
  if (designs.includes('pairs')) {
    plugins.forEach((first, i) => {
      for (const second of plugins.slice(i + 1)) add(`${first.name} + ${second.name}`, [first, second]);
    });
  }
  if (designs.includes('alone')) for (const plugin of plugins) add(plugin.name, [plugin]);
  return [...sets].map(([name, set]) => ({ name, config: { profiles: [{ plugins: { score: scoring(set) } }] } }));
}

/** Nothing else scores; filters stay. */
const scoring = (set: readonly WeightedPlugin[]) => ({
  disabled: [{ name: '*' }],
  enabled: set.map(({ name, weight }) => ({ name, weight })),
});
