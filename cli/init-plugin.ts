/** The plugin that `berth init plugin` writes. NAME and BASE are replaced. */

export const PLUGIN_MODULE = `/**
 * Prefers nodes that run few pods: 100 points for an empty one, 0 for one that is as full of pods as it may be.
 *
 * @type {import('berth/plugin').PluginDefinition}
 */
export default {
  name: 'NAME',
  points: ['score'],
  // What can change the answer for a node: node (its object), usage (its pods), domain (pods of its topology domain), or
  // cluster (anything). It is what the fast engine's caches go by; leave it out when in doubt.
  dependsOn: { score: 'usage' },
  create: () => ({
    // Called once per kind of pod. What it returns runs for every node: read typed arrays, allocate nothing.
    compileScore: (_pod, cluster) => ({
      score: (row) => {
        const room = cluster.allocatablePods[row];
        return room === 0 ? 0 : Math.floor((100 * (room - cluster.podCount[row])) / room);
      },
    }),
  }),
};
`;

export const PLUGIN_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import plugin from './BASE.mjs';

/** A cluster as the plugin reads it: three nodes that may run ten pods each. */
const cluster = { allocatablePods: Float64Array.of(10, 10, 0), podCount: Int32Array.of(0, 7, 0) };

test('the fewer pods, the more points', () => {
  const { score } = plugin.create().compileScore({}, cluster);
  assert.deepEqual([0, 1, 2].map(score), [100, 30, 0]);
});
`;

export const PLUGIN_README = `# NAME

A scheduler plugin for berth.

    node --test .                                             # its test
    berth run --trace openb --static --config default --config config.yaml --seeds 1..5
    berth compare runs/…                                      # what it changes, and how sure that is

\`config.yaml\` is an ordinary KubeSchedulerConfiguration that names the module where a plugin's name stands; its
\`pluginConfig\` gives it arguments under the same name.
`;
