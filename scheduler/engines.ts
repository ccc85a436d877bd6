/** The engines by name: the reference engine defines decisions, the fast one finds the same ones sooner. */
import { FastEngine } from './fast/engine.ts';
import { type Engine, type EngineOptions, ReferenceEngine } from './reference.ts';

export const ENGINES = {
  reference: (options: EngineOptions): Engine => new ReferenceEngine(options),
  fast: (options: EngineOptions): Engine => new FastEngine(options),
} as const;

export type EngineName = keyof typeof ENGINES;
