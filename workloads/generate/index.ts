export { durationSeconds } from './field.ts';
export { generate } from './generate.ts';
export { type GeneratedWorkload, generatorOf, workloadOf } from './generated-workload.ts';
export type { Generator } from './model.ts';
export { PRESETS, type Preset, type PresetTargets, presetGenerator, presetOf, presetText } from './presets/index.ts';
export { parseGenerator } from './read-generator.ts';
