/** What an axis does to a profile, to the settings or to a workload. */

import { InputError } from '../../api/index.ts';
import { RUNTIMES } from '../../cluster/runtimes/index.ts';
import { durationMs } from '../../cluster/simulation/index.ts';
import type { Fault } from '../../cluster/whole/index.ts';
import type { EngineName, TieBreak } from '../../scheduler/index.ts';
import type { Shuffle } from '../order.ts';
import type { EvaluationSettings } from '../plan.ts';
import { withValue } from './set-path.ts';
import type { SuiteFault, SuiteSettings, SuiteWorkload } from './suite.ts';

type Json = Record<string, unknown>;

const SETTINGS = {
  engine: ['fast', 'reference'] satisfies EngineName[],
  tieBreak: ['heap', 'first', 'random'] satisfies TieBreak[],
  shuffle: ['none', 'nodes', 'pods', 'both'] satisfies Shuffle[],
  evaluation: ['static', 'timed', 'cluster'],
  runtime: [...RUNTIMES],
  attemptTime: undefined,
  bindingTime: undefined,
  until: undefined,
  sampleEvery: undefined,
} as const;

const WORKLOAD_KEYS = ['trace', 'data', 'list', 'nodeList', 'nodes', 'pods', 'objects', 'folder'];

/** Which of the three an axis changes. Throws InputError when there is no such path. */
export function axisKind(path: string): 'workload' | 'config' | 'setting' {
  if (/^(config|weight)\../.test(path)) return 'config';
  if (Object.hasOwn(SETTINGS, path)) return 'setting';
  const key = /^workload\.(.+)$/.exec(path)?.[1];
  if (key !== undefined && WORKLOAD_KEYS.includes(key)) return 'workload';
  throw new InputError(
    `${path}: no axis has this path; there are config.PATH, weight.PLUGIN, ${WORKLOAD_KEYS.map((known) => `workload.${known}`).join(', ')}, ${Object.keys(SETTINGS).join(', ')}`,
  );
}

/** @param document A KubeSchedulerConfiguration. Returns a changed copy. Throws InputError. */
export function withConfigAxis(document: Json, path: string, value: unknown): Json {
  if (path.startsWith('config.')) return withValue(document, path.slice('config.'.length), value) as Json;
  return withWeight(document, path.slice('weight.'.length), value);
}

/** A weight counts in every profile; 0, which a configuration takes for 1, switches the scoring of the plugin off. */
function withWeight(document: Json, plugin: string, value: unknown): Json {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw new InputError(`weight.${plugin}: ${JSON.stringify(value)} is not a whole number of 0 or more`);
  }
  const profiles = (document.profiles as Json[] | undefined) ?? [{}];
  return {
    ...document,
    profiles: profiles.map((profile) =>
      value === 0
        ? withValue(profile, `plugins.score.disabled[${plugin}].name`, plugin)
        : withValue(profile, `plugins.multiPoint.enabled[${plugin}].weight`, value),
    ),
  };
}

export function withSetting(settings: SuiteSettings, path: string, value: unknown): SuiteSettings {
  const allowed = SETTINGS[path as keyof typeof SETTINGS] as readonly string[] | undefined;
  const text = String(value);
  if (allowed !== undefined && !allowed.includes(text)) {
    throw new InputError(`${path}: ${JSON.stringify(value)} is not one of ${allowed.join(', ')}`);
  }
  return { ...settings, [path]: text };
}

export function withWorkloadAxis(workload: SuiteWorkload, path: string, value: unknown): SuiteWorkload {
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw new InputError(`${path}: ${JSON.stringify(value)} is not a text`);
  }
  const property = path.slice('workload.'.length);
  return { ...workload, [property]: property === 'generateSeed' ? Number(value) : String(value) };
}

/** Throws InputError for what is no duration. */
export function evaluationSettings(settings: SuiteSettings, faults?: readonly SuiteFault[]): EvaluationSettings {
  const ms = (name: 'bindingTime' | 'until' | 'sampleEvery') => checkedMs(name, settings[name]);
  const sampleMs = ms('sampleEvery');
  if (sampleMs === 0) throw new InputError('sampleEvery: a duration of more than 0, such as 1m, is expected');
  return {
    kind: settings.evaluation,
    attemptTime: settings.attemptTime,
    bindingMs: ms('bindingTime'),
    untilMs: ms('until'),
    sampleMs,
    runtime: settings.runtime,
    faults: faults?.map(readFault),
  };
}

function readFault({ at, for: lasts, delay, fault: kind, node, zone, count }: SuiteFault, index: number): Fault {
  const ms = (name: string, text: string | undefined) => checkedMs(`faults[${index}].${name}`, text);
  return { kind, atMs: ms('at', at)!, forMs: ms('for', lasts), delayMs: ms('delay', delay), node, zone, count };
}

function checkedMs(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = durationMs(text);
  if (value === undefined || value < 0) {
    throw new InputError(`${name}: ${JSON.stringify(text)} is not a duration such as 90s or 1h30m`);
  }
  return value;
}
