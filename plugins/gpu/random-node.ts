/** Random: every node that fits is as good as any other, and so is every GPU that does. With ties broken at random. */
import { pickRandom } from './pick-gpus.ts';
import type { GpuPolicy } from './policy.ts';

export const randomNode = (random: () => number): GpuPolicy => ({
  name: 'Random',
  score: () => 0,
  pick: (cluster, node, pod) => pickRandom(cluster, node, pod, random),
});
