/**
 * The way from a `KubeSchedulerConfiguration` text to what a scheduler runs: decode, default, validate, build.
 * Upstream's messages, to the letter.
 */
export { type LoadedConfig, type LoadOptions, loadConfig } from './load-config.ts';
export { defaultConfig, resolveConfig } from './resolve.ts';
export * from './types.ts';
