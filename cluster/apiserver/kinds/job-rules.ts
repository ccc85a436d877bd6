/** What makes Jobs and CronJobs valid, beyond their pods. Source: `pkg/apis/batch/validation/validation.go`, v1.37.2. */
import { parseSchedule, ScheduleError } from '../../../api/cron/parse-schedule.ts';
import { zoneOf } from '../../../api/cron/time-zone.ts';
import {
  type FieldError,
  goQuote,
  invalidHere,
  invalidValue,
  type KubeObject,
  notSupportedValue,
  requiredValue,
} from '../../../api/index.ts';
import { IMMUTABLE } from '../../../api/validation/metadata-update.ts';
import { isLabel } from '../../../api/validation/names.ts';
import { isSame } from '../../../api/validation/same.ts';
import { immutableProblems } from '../../../api/validation/updates.ts';

interface ExitCodes {
  readonly containerName?: string;
  readonly operator?: string;
  readonly values?: readonly number[];
}

interface FailureRule {
  readonly action?: string;
  readonly onExitCodes?: ExitCodes;
  readonly onPodConditions?: ReadonlyArray<{ readonly type?: string; readonly status?: string }>;
}

interface SuccessRule {
  readonly succeededIndexes?: string;
  readonly succeededCount?: number;
}

interface PodSpecFields {
  readonly restartPolicy?: string;
  readonly containers?: ReadonlyArray<{ readonly name?: string }>;
  readonly initContainers?: ReadonlyArray<{ readonly name?: string }>;
  readonly affinity?: { readonly nodeAffinity?: unknown };
}

export interface JobFields {
  readonly parallelism?: number;
  readonly completions?: number;
  readonly completionMode?: string;
  readonly backoffLimitPerIndex?: number;
  readonly maxFailedIndexes?: number;
  readonly podReplacementPolicy?: string;
  readonly suspend?: boolean;
  readonly podFailurePolicy?: { readonly rules?: readonly FailureRule[] };
  readonly successPolicy?: { readonly rules?: readonly SuccessRule[] };
  readonly template?: { readonly metadata?: object; readonly spec?: PodSpecFields };
}

const MANY = 100_000;
const LIMIT_OF_MANY = 10_000;
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const STATUSES = ['False', 'True', 'Unknown'];
const NEGATIVE = 'must be greater than or equal to 0';

const specOf = (object: KubeObject): JobFields => (object as { readonly spec?: JobFields }).spec ?? {};
const quoted = (values: readonly string[]): string => `valid values: [${values.map(goQuote).join(' ')}]`;

/** Limits per index, policies, and how they go together. */
export function jobModeProblems(path: string, spec: JobFields): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    const value = spec[field];
    if (value !== undefined && value < 0) errors.push(invalidValue(`${path}.${field}`, value, NEGATIVE));
  }
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(requiredValue(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  if (spec.completionMode === 'Indexed') errors.push(...indexedProblems(path, spec));
  else {
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
      const value = spec[field];
      if (value !== undefined) errors.push(invalidValue(`${path}.${field}`, value, 'requires indexed completion mode'));
    }
  }
  errors.push(...failurePolicyProblems(`${path}.podFailurePolicy.rules`, spec), ...successPolicyProblems(path, spec));
  return [...errors, ...replacementProblems(`${path}.podReplacementPolicy`, spec)];
}

function indexedProblems(path: string, spec: JobFields): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes = 0, backoffLimitPerIndex } = spec;
  const errors: FieldError[] = [];
  const tooHigh = (field: string, value: number, most: number, when: string): void => {
    if (value > most)
      errors.push(invalidValue(`${path}.${field}`, value, `must be less than or equal to ${most}${when}`));
  };
  tooHigh('parallelism', parallelism, MANY, ' when completion mode is Indexed');
  if (completions !== undefined && maxFailedIndexes > completions) {
    errors.push(
      invalidValue(`${path}.maxFailedIndexes`, maxFailedIndexes, 'must be less than or equal to completions'),
    );
  }
  tooHigh('maxFailedIndexes', maxFailedIndexes, MANY, '');
  if ((completions ?? 0) <= MANY || backoffLimitPerIndex === undefined) return errors;
  if (spec.maxFailedIndexes === undefined) {
    errors.push(requiredValue(`${path}.maxFailedIndexes`, `must be specified when completions is above ${MANY}`));
  }
  const when = ` when completions are above ${MANY} and used with backoff limit per index`;
  tooHigh('parallelism', parallelism, LIMIT_OF_MANY, when);
  tooHigh('maxFailedIndexes', maxFailedIndexes, LIMIT_OF_MANY, when);
  return errors;
}

function failurePolicyProblems(path: string, spec: JobFields): FieldError[] {
  const { containers = [], initContainers = [] } = spec.template?.spec ?? {};
  const names = new Set([...containers, ...initContainers].map(({ name }) => name));
  return (spec.podFailurePolicy?.rules ?? []).flatMap((rule, i) => {
    const at = `${path}[${i}]`;
    const { onExitCodes, onPodConditions = [] } = rule;
    const errors = [
      ...actionProblems(`${at}.action`, rule, spec),
      ...(onExitCodes === undefined ? [] : exitCodeProblems(`${at}.onExitCodes`, onExitCodes, names)),
      ...onPodConditions.flatMap(({ status = '' }, j) => statusProblems(`${at}.onPodConditions[${j}].status`, status)),
    ];
    if (onExitCodes !== undefined && onPodConditions.length > 0) {
      errors.push(invalidHere(at, 'specifying both OnExitCodes and OnPodConditions is not supported'));
    }
    if (onExitCodes === undefined && onPodConditions.length === 0) {
      errors.push(invalidHere(at, 'specifying one of OnExitCodes and OnPodConditions is required'));
    }
    return errors;
  });
}

function actionProblems(path: string, { action = '' }: FailureRule, spec: JobFields): FieldError[] {
  if (action === '') return [requiredValue(path, quoted(ACTIONS))];
  if (!ACTIONS.includes(action)) return [notSupportedValue(path, action, ACTIONS)];
  if (action !== 'FailIndex' || spec.backoffLimitPerIndex !== undefined) return [];
  return [invalidValue(path, action, 'requires the backoffLimitPerIndex to be set')];
}

function statusProblems(path: string, status: string): FieldError[] {
  if (status === '') return [requiredValue(path, quoted(STATUSES))];
  return STATUSES.includes(status) ? [] : [notSupportedValue(path, status, STATUSES)];
}

function exitCodeProblems(path: string, codes: ExitCodes, names: ReadonlySet<string | undefined>): FieldError[] {
  const { operator = '', containerName, values = [] } = codes;
  const errors: FieldError[] = [];
  if (operator === '') errors.push(requiredValue(`${path}.operator`, quoted(OPERATORS)));
  else if (!OPERATORS.includes(operator)) errors.push(notSupportedValue(`${path}.operator`, operator, OPERATORS));
  if (containerName !== undefined && !names.has(containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalidValue(`${path}.containerName`, containerName, detail));
  }
  if (values.length === 0) errors.push(invalidValue(`${path}.values`, values, 'at least one value is required'));
  values.forEach((value, i) => {
    if (operator === 'In' && value === 0) {
      errors.push(invalidValue(`${path}.values[${i}]`, value, 'must not be 0 for the In operator'));
    }
  });
  const isOrdered = values.every((value, i) => i === 0 || values[i - 1]! <= value);
  if (!isOrdered) errors.push(invalidValue(`${path}.values`, values, 'must be ordered'));
  return errors;
}

function replacementProblems(path: string, { podReplacementPolicy, podFailurePolicy }: JobFields): FieldError[] {
  if (podReplacementPolicy === undefined) return [];
  const supported = podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed'];
  return supported.includes(podReplacementPolicy) ? [] : [notSupportedValue(path, podReplacementPolicy, supported)];
}

function successPolicyProblems(path: string, spec: JobFields): FieldError[] {
  const { successPolicy, completionMode, completions = 0 } = spec;
  if (successPolicy === undefined) return [];
  const at = `${path}.successPolicy`;
  if (completionMode !== 'Indexed') return [invalidValue(at, successPolicy, 'requires indexed completion mode')];
  const { rules = [] } = successPolicy;
  if (rules.length === 0) {
    return [requiredValue(`${at}.rules`, 'at least one rules must be specified when the successPolicy is specified')];
  }
  return rules.flatMap((rule, i) => successRuleProblems(`${at}.rules[${i}]`, rule, completions));
}

function successRuleProblems(path: string, rule: SuccessRule, completions: number): FieldError[] {
  const { succeededIndexes, succeededCount } = rule;
  if (succeededIndexes === undefined && succeededCount === undefined) {
    return [requiredValue(path, 'at least one of succeededCount or succeededIndexes must be specified')];
  }
  const errors: FieldError[] = [];
  const indexes = succeededIndexes === undefined ? 0 : countIndexes(succeededIndexes, completions);
  if (typeof indexes === 'string') {
    const detail = `error parsing succeededIndexes: ${indexes}`;
    errors.push(invalidValue(`${path}.succeededIndexes`, succeededIndexes, detail));
  }
  if (succeededCount === undefined) return errors;
  const at = `${path}.succeededCount`;
  const tooHigh = (most: number, what: string): void => {
    const detail = `must be less than or equal to ${most} (the number of ${what})`;
    if (succeededCount > most) errors.push(invalidValue(at, succeededCount, detail));
  };
  if (succeededCount < 0) errors.push(invalidValue(at, succeededCount, NEGATIVE));
  tooHigh(completions, 'specified completions');
  const listed = typeof indexes === 'string' ? 0 : indexes;
  if (succeededIndexes !== undefined) tooHigh(listed, 'indexes in the specified succeededIndexes field');
  return errors;
}

/** A text says what is wrong. */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let last = -1;
  let total = 0;
  for (const part of text.split(',')) {
    const bounds = part.split('-');
    if (bounds.length > 2) {
      const rule = `violates the requirement that an index interval can have at most two parts separated by '-'`;
      return `the fragment ${goQuote(part)} ${rule}`;
    }
    for (const bound of bounds) {
      if (!/^[+-]?\d+$/.test(bound)) return `cannot convert string to integer for index: ${goQuote(bound)}`;
      if (Number(bound) >= completions) return `too large index: ${goQuote(bound)}`;
    }
    const [first, end = first] = bounds.map(Number) as [number, number?];
    if (bounds.length === 2 && first >= end) return `non-increasing order, previous: ${first}, current: ${end}`;
    if (last >= first) return `non-increasing order, previous: ${last}, current: ${first}`;
    total += end - first + 1;
    last = end;
  }
  return total;
}

/** The hostnames of an Indexed Job's pods have to be labels. */
export function jobNameProblems(object: KubeObject): FieldError[] {
  const { completionMode, completions = 0 } = specOf(object);
  if (completionMode !== 'Indexed' || completions <= 0) return [];
  const name = object.metadata?.name ?? '';
  const longest = `${name}-${completions - 1}`;
  if (isLabel(longest).length === 0) return [];
  return [invalidValue('metadata.name', name, `will not able to create pod with invalid DNS label: ${longest}`)];
}

export function jobUpdateProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const fixed = (...fields: string[]): FieldError[] =>
    immutableProblems(
      next,
      old,
      fields.map((field) => `spec.${field}`),
    );
  return [
    ...completionsProblems(next, old),
    ...fixed('selector'),
    ...templateUpdateProblems(next, old),
    ...fixed('completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'),
  ];
}

/** An Indexed Job may grow and shrink together with its parallelism. */
function completionsProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const { completions, completionMode, parallelism } = specOf(next);
  if (completionMode !== 'Indexed') return immutableProblems(next, old, ['spec.completions']);
  if (completions === undefined || completions === specOf(old).completions || completions === parallelism) return [];
  return [invalidValue('spec.completions', completions, 'can only be modified in tandem with spec.parallelism')];
}

/** While nothing runs it may still be said where pods go and what they ask for. */
function templateUpdateProblems(next: KubeObject, old: KubeObject): FieldError[] {
  if (!isAtRest(old)) return immutableProblems(next, old, ['spec.template']);
  const fixed = ({ template }: JobFields): unknown => {
    const { affinity, nodeSelector, tolerations, schedulingGates, containers, initContainers, ...rest } = {
      ...template?.spec,
    } as Record<string, unknown>;
    const { nodeAffinity: _, ...otherAffinity } = (affinity ?? {}) as Record<string, unknown>;
    const withoutResources = (list: unknown): unknown =>
      (list as Array<Record<string, unknown>> | undefined)?.map(({ resources, ...container }) => container);
    return { ...rest, otherAffinity, containers: withoutResources(containers), init: withoutResources(initContainers) };
  };
  if (isSame(fixed(specOf(next)), fixed(specOf(old)))) return [];
  return [invalidValue('spec.template.spec', specOf(next).template?.spec ?? null, IMMUTABLE)];
}

interface RunStatus {
  readonly startTime?: string;
  readonly active?: number;
  readonly conditions?: ReadonlyArray<{ readonly type: string; readonly status: string }>;
}

/** Suspended, and seen to be so. */
function isAtRest(job: KubeObject): boolean {
  const { startTime, active = 0, conditions = [] } = (job as { readonly status?: RunStatus }).status ?? {};
  const isTold = conditions.some(({ type, status }) => type === 'Suspended' && status === 'True');
  return specOf(job).suspend === true && (startTime === undefined || isTold) && active === 0;
}

interface CronFields {
  readonly schedule?: string;
  readonly timeZone?: string;
  readonly jobTemplate?: { readonly spec?: { readonly selector?: unknown; readonly manualSelector?: boolean } };
}

const cronOf = (object: KubeObject): CronFields => (object as { readonly spec?: CronFields }).spec ?? {};

export function scheduleProblems(object: KubeObject): FieldError[] {
  const { schedule = '' } = cronOf(object);
  if (schedule === '') return [requiredValue('spec.schedule')];
  const errors: FieldError[] = [];
  const tell = (detail: string): void => void errors.push(invalidValue('spec.schedule', schedule, detail));
  try {
    parseSchedule(schedule);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    tell(error.message);
  }
  if (schedule.includes('TZ')) tell('cannot use TZ or CRON_TZ in schedule, use timeZone field instead');
  return errors;
}

const ZONE_PART = /^[A-Za-z.\-_0-9+]{1,14}$/;

export function timeZoneProblems(object: KubeObject): FieldError[] {
  const { timeZone } = cronOf(object);
  if (timeZone === undefined) return [];
  const tell = (detail: string): FieldError[] => [invalidValue('spec.timeZone', timeZone, detail)];
  if (timeZone === '') return tell('timeZone must be nil or non-empty string');
  const unknown = `unknown time zone ${timeZone}`;
  const isOdd = (part: string): boolean =>
    part === '.' || part === '..' || part.startsWith('-') || !ZONE_PART.test(part);
  if (timeZone.split('/').some(isOdd)) return tell(unknown);
  if (timeZone.toLowerCase() === 'local') {
    return tell('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones');
  }
  return zoneOf(timeZone) === undefined ? tell(unknown) : [];
}

export function jobTemplateProblems(object: KubeObject): FieldError[] {
  const { selector, manualSelector } = cronOf(object).jobTemplate?.spec ?? {};
  const path = 'spec.jobTemplate.spec';
  return [
    ...(selector === undefined
      ? []
      : [invalidValue(`${path}.selector`, selector, '`selector` will be auto-generated')]),
    ...(manualSelector === true ? [notSupportedValue(`${path}.manualSelector`, true, ['nil', 'false'])] : []),
  ];
}

const CRON_NAME_MAX = 52;

export const cronNameProblems = ({ metadata }: KubeObject): FieldError[] =>
  (metadata?.name ?? '').length > CRON_NAME_MAX
    ? [invalidValue('metadata.name', metadata?.name, `must be no more than ${CRON_NAME_MAX} characters`)]
    : [];
