/** A generator as a workload in memory, and where a generator is found: a preset by name, or a file. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { defaultPod, InputError, mergeLabelKeys, type Pod } from '../../api/index.ts';
import { WorkloadSink } from '../trace/sinks.ts';
import type { PodShape, SourceFile, Workload } from '../workload.ts';
import { generate } from './generate.ts';
import type { Generator } from './model.ts';
import { isPreset, PRESETS, presetGenerator, presetOf } from './presets/index.ts';
import { parseGenerator } from './read-generator.ts';

export interface GeneratedWorkload {
  readonly generator: Generator;
  /** Empty for a preset. */
  readonly files: readonly SourceFile[];
}

/** @param source Name of a preset, or a file. Throws InputError. */
export function generatorOf(source: string, file = source): GeneratedWorkload {
  if (isPreset(source)) return { generator: presetGenerator(presetOf(source)), files: [] };
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(
      code === 'ENOENT'
        ? `${source}: no such file, nor a preset; presets are ${PRESETS.map((preset) => preset.file.name).join(', ')}`
        : `${source}: ${message}`,
    );
  }
  const name = path.basename(file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { generator: parseGenerator(bytes.toString(), name), files: [{ name, bytes: bytes.length, sha256 }] };
}

/** Throws InputError when there are no nodes or no pods. */
export function workloadOf({ generator, files }: GeneratedWorkload, seed: number): Workload {
  const { name, about } = generator;
  if (generator.nodes.length === 0)
    throw new InputError(`${name}: the generator has no nodes; give it some under nodes`);
  const sink = new WorkloadSink();
  generate(generator, seed, sink);
  const pods = sink.pods();
  if (pods.count === 0) throw new InputError(`${name}: no pod arrives within ${generator.durationSeconds} s`);
  return {
    name,
    nodes: sink.nodes,
    shapes: sink.names.shapes.map(completed),
    pods,
    hasTimes: true,
    source: { description: `generated with seed ${seed}${about === '' ? '' : `: ${about}`}`, files },
  };
}

/** As an API server stores it. */
function completed(shape: PodShape): PodShape {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a-pod', labels: shape.labels },
    spec: shape.spec,
  };
  return { ...shape, spec: defaultPod(mergeLabelKeys(pod), true).spec! };
}
