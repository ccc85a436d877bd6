/**
 * ImageLocality: prefers nodes that hold the pod's images, the more so the rarer and the larger these are.
 * Source: `plugins/imagelocality/image_locality.go`, v1.37.2.
 *
 * Cost: images that no node holds are dropped once per pod; per node one set lookup per image that is left.
 */
import type { PodSpec } from '../api/index.ts';
import type { PluginDefinition } from '../scheduler/plugin.ts';

const MEBIBYTE = 1024 * 1024;
const MIN_THRESHOLD_BYTES = 23 * MEBIBYTE;
const MAX_CONTAINER_THRESHOLD_BYTES = 1000 * MEBIBYTE;

export const imageLocality: PluginDefinition = {
  name: 'ImageLocality',
  points: ['score'],
  dependsOn: { score: 'nodes' },
  ignoresRequests: true,
  create: () => ({
    compileScore: ({ pod }, cluster) => {
      const names = imagesOf(pod.spec ?? { containers: [] }).map(normalizedImageName);
      const held = names.flatMap((name) => {
        const state = cluster.image(name);
        if (state === undefined) return [];
        // The spread comes first: only then are the bytes rounded down, as upstream does.
        return { name, scaledBytes: Math.trunc(state.sizeBytes * (state.nodeCount / cluster.nodeCount)) };
      });
      if (held.length === 0) return { score: () => 0, signature: '' };
      const maxBytes = MAX_CONTAINER_THRESHOLD_BYTES * names.length;
      return {
        signature: JSON.stringify([names.length, held]),
        score: (row) => {
          let bytes = 0;
          for (const { name, scaledBytes } of held) if (cluster.hasImage(row, name)) bytes += scaledBytes;
          const clamped = Math.min(Math.max(bytes, MIN_THRESHOLD_BYTES), maxBytes);
          return Math.floor((100 * (clamped - MIN_THRESHOLD_BYTES)) / (maxBytes - MIN_THRESHOLD_BYTES));
        },
      };
    },
  }),
};

/** Images of init containers, containers and image volumes; one named twice counts twice. */
function imagesOf({ initContainers = [], containers, volumes = [] }: PodSpec): string[] {
  const ofContainers = [...(initContainers ?? []), ...containers].map(({ image = '' }) => image);
  const ofVolumes = (volumes ?? []).flatMap(({ image }) => (image ? [image.reference ?? ''] : []));
  return [...ofContainers, ...ofVolumes];
}

/** Adds `:latest` to a name without a tag; a registry's port is no tag. */
export const normalizedImageName = (name: string): string =>
  name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name;
