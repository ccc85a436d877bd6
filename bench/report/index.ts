export { type CollectOptions, collectReport } from './collect.ts';
