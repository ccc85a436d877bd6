/**
 * What a modelled container does once it runs: when it is started, ready, alive, and when it ends. Said by the annotation
 * `berth/behaviour` of its pod, or by a table of rules that match images, names and labels.
 */
import { parse } from 'yaml';
import { InputError, parseQuantity, quantityMilliValue } from '../../api/index.ts';
import type { Texts } from '../cri/index.ts';
import { durationMs } from '../simulation/attempt-time.ts';

/** For all containers of the pod, or `containers: {name: ...}` for one each. */
export const BEHAVIOUR = 'berth/behaviour';

/** All times count from the start of the container. */
export interface Behaviour {
  /** Ends by itself after that. @default never */
  readonly runsMs?: number;
  /** Of its own end. @default 0 */
  readonly exitCode?: number;
  /** The end is one for want of memory. @default false */
  readonly oomKilled?: boolean;
  /** Start-up probes succeed from then on. @default 0 */
  readonly startedMs?: number;
  /** Readiness probes succeed from then on. @default 0 */
  readonly readyMs?: number;
  /** Readiness probes fail again from then on. @default never */
  readonly unreadyMs?: number;
  /** Liveness probes fail from then on. @default never */
  readonly liveMs?: number;
  /** From the signal to stop to the end. @default 100 */
  readonly stopMs?: number;
  /** Told to stop, it ends with that. @default 143 */
  readonly stopExitCode?: number;
  /** Only killing ends it. @default false */
  readonly ignoresStop?: boolean;
  readonly memoryBytes?: number;
  readonly cpuMilli?: number;
  readonly diskBytes?: number;
  readonly processes?: number;
}

export const NO_BEHAVIOUR: Behaviour = {};

export interface BehaviourRule {
  /** With `*` for any text. @default every image */
  readonly image?: string;
  /** Name of the container. @default every one */
  readonly container?: string;
  /** Of the pod. @default none needed */
  readonly labels?: Texts;
  readonly behaviour: Behaviour;
}

const DURATIONS: Readonly<Record<string, keyof Behaviour>> = {
  runs: 'runsMs',
  startedAfter: 'startedMs',
  readyAfter: 'readyMs',
  unreadyAfter: 'unreadyMs',
  liveFor: 'liveMs',
  stopsIn: 'stopMs',
};
const NUMBERS: Readonly<Record<string, keyof Behaviour>> = {
  exitCode: 'exitCode',
  stopExitCode: 'stopExitCode',
  processes: 'processes',
};
const FLAGS: Readonly<Record<string, keyof Behaviour>> = { oomKilled: 'oomKilled', ignoresStop: 'ignoresStop' };
const QUANTITIES: Readonly<Record<string, keyof Behaviour>> = { memory: 'memoryBytes', disk: 'diskBytes' };
const KNOWN = [...Object.keys({ ...DURATIONS, ...NUMBERS, ...FLAGS, ...QUANTITIES }), 'cpu'];

/** Throws InputError. */
export function readBehaviour(given: unknown, where: string): Behaviour {
  if (!isMapping(given)) throw new InputError(`${where}: a mapping such as {runs: 30s, exitCode: 1} is expected`);
  const behaviour: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    const refuse = (wanted: string): never => {
      throw new InputError(`${where}.${key}: ${JSON.stringify(value)} is not ${wanted}`);
    };
    if (DURATIONS[key] !== undefined) {
      const ms = durationMs(typeof value === 'number' ? `${value}s` : String(value));
      behaviour[DURATIONS[key]] = ms === undefined || ms < 0 ? refuse('a duration such as 30s') : ms;
    } else if (NUMBERS[key] !== undefined) {
      behaviour[NUMBERS[key]] = Number.isInteger(value) && (value as number) >= 0 ? value : refuse('a whole number');
    } else if (FLAGS[key] !== undefined) {
      behaviour[FLAGS[key]] = typeof value === 'boolean' ? value : refuse('true or false');
    } else if (QUANTITIES[key] !== undefined || key === 'cpu') {
      const units = quantity(value) ?? refuse('a quantity such as 64Mi');
      behaviour[QUANTITIES[key] ?? 'cpuMilli'] = key === 'cpu' ? Math.round(units * 1000) : Math.round(units);
    } else throw new InputError(`${where}: no field ${JSON.stringify(key)}; there are ${KNOWN.join(', ')}`);
  }
  return behaviour as Behaviour;
}

function quantity(value: unknown): number | undefined {
  try {
    return quantityMilliValue(parseQuantity(value as string | number)) / 1000;
  } catch {
    return undefined;
  }
}

/** Rules of a YAML text: a list of `{image, container, labels, behaviour}`. Throws InputError. */
export function readBehaviourRules(text: string, file: string): BehaviourRule[] {
  const rules: unknown = parse(text);
  if (!Array.isArray(rules))
    throw new InputError(`${file}: a list of rules {image, container, labels, behaviour} is expected`);
  return rules.map((rule, i) => {
    const where = `${file}: [${i}]`;
    if (!isMapping(rule)) throw new InputError(`${where}: a mapping is expected`);
    const { image, container, labels, behaviour, ...others } = rule;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) throw new InputError(`${where}: no field ${JSON.stringify(unknown)}`);
    return { image, container, labels, behaviour: readBehaviour(behaviour, `${where}.behaviour`) } as BehaviourRule;
  });
}

/** What the container is to do: by its pod's annotation, then by the first rule that matches, else nothing in particular. */
export function behaviourOf(
  rules: readonly BehaviourRule[],
  pod: { readonly labels?: Texts; readonly annotations?: Texts },
  container: string,
  image: string,
): Behaviour {
  const text = pod.annotations?.[BEHAVIOUR];
  if (text !== undefined) {
    const said = annotated(text);
    return said.containers.get(container) ?? said.all;
  }
  return rules.find((rule) => matches(rule, pod.labels, container, image))?.behaviour ?? NO_BEHAVIOUR;
}

interface Annotated {
  readonly all: Behaviour;
  readonly containers: ReadonlyMap<string, Behaviour>;
}

const ANNOTATIONS_MAX = 1024;
/** Pods of one template say the same. */
const annotations = new Map<string, Annotated>();

/** Text that is no behaviour says nothing: a pod from outside cannot end the simulation. */
function annotated(text: string): Annotated {
  let said = annotations.get(text);
  if (said === undefined) {
    said = parseAnnotation(text);
    if (annotations.size >= ANNOTATIONS_MAX) annotations.clear();
    annotations.set(text, said);
  }
  return said;
}

function parseAnnotation(text: string): Annotated {
  try {
    const given: unknown = parse(text);
    if (!isMapping(given)) return { all: NO_BEHAVIOUR, containers: new Map() };
    const { containers = {}, ...all } = given;
    const each = Object.entries(containers as object);
    return {
      all: readBehaviour(all, BEHAVIOUR),
      containers: new Map(each.map(([name, one]) => [name, readBehaviour(one, `${BEHAVIOUR}.containers.${name}`)])),
    };
  } catch {
    return { all: NO_BEHAVIOUR, containers: new Map() };
  }
}

function matches(rule: BehaviourRule, labels: Texts | undefined, container: string, image: string): boolean {
  if (rule.container !== undefined && rule.container !== container) return false;
  if (rule.image !== undefined && !matchesPattern(rule.image, image)) return false;
  return Object.entries(rule.labels ?? {}).every(([key, value]) => labels?.[key] === value);
}

function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
