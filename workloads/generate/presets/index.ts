import { stringify } from 'yaml';
import { InputError } from '../../../api/index.ts';
import type { Generator } from '../model.ts';
import { parseGenerator } from '../read-generator.ts';
import { batch } from './batch.ts';
import { cloud } from './cloud.ts';
import { gpuShare } from './gpu-share.ts';
import { hpc } from './hpc.ts';
import type { Preset } from './preset.ts';
import { rollout } from './rollout.ts';
import { training } from './training.ts';

export type { Preset, PresetTargets } from './preset.ts';

export const PRESETS: readonly Preset[] = [gpuShare, rollout, batch, cloud, training, hpc];

export const isPreset = (name: string): boolean => PRESETS.some(({ file }) => file.name === name);

/** Throws InputError for a name that no preset has. */
export function presetOf(name: string): Preset {
  const preset = PRESETS.find(({ file }) => file.name === name);
  if (preset !== undefined) return preset;
  throw new InputError(
    `there is no preset ${JSON.stringify(name)}; there are ${PRESETS.map(({ file }) => file.name).join(', ')}`,
  );
}

/** The generator file that the preset is, to start one's own from. */
export const presetText = ({ file }: Preset): string => stringify(file, { flowCollectionPadding: false });

export const presetGenerator = (preset: Preset): Generator =>
  parseGenerator(presetText(preset), `preset ${preset.file.name}`);
