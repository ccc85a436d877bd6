/** What makes workloads valid. Source: `pkg/apis/{apps,batch,core}/validation/validation.go`, v1.37.2. */
import {
  compileLabelSelector,
  enumText,
  type FieldError,
  forbiddenValue,
  invalidValue,
  type KubeObject,
  type LabelSelector,
  notSupportedValue,
  type PodSpec,
  requiredValue,
} from '../../../api/index.ts';
import { labelSelectorProblems, labelsProblems } from '../../../api/validation/labels.ts';
import { metadataProblems } from '../../../api/validation/metadata.ts';
import { isSubdomain } from '../../../api/validation/names.ts';
import { podSpecProblems } from '../../../api/validation/pod.ts';
import * as jobRules from './job-rules.ts';

type IntOrPercent = number | string;

interface Template {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: PodSpec & { readonly restartPolicy?: string; readonly activeDeadlineSeconds?: number };
}

interface Rolling {
  readonly maxUnavailable?: IntOrPercent;
  readonly maxSurge?: IntOrPercent;
  readonly partition?: number;
}

interface Spec extends Omit<jobRules.JobFields, 'template'> {
  readonly replicas?: number;
  readonly minReadySeconds?: number;
  readonly revisionHistoryLimit?: number;
  readonly progressDeadlineSeconds?: number;
  readonly selector?: LabelSelector;
  readonly template?: Template;
  readonly strategy?: { readonly type?: string; readonly rollingUpdate?: Rolling };
  readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: Rolling };
  readonly podManagementPolicy?: string;
  readonly volumeClaimTemplates?: readonly KubeObject[];
  readonly activeDeadlineSeconds?: number;
  readonly backoffLimit?: number;
  readonly ttlSecondsAfterFinished?: number;
  readonly concurrencyPolicy?: string;
  readonly startingDeadlineSeconds?: number;
  readonly successfulJobsHistoryLimit?: number;
  readonly failedJobsHistoryLimit?: number;
  readonly jobTemplate?: { readonly spec?: Spec };
}

const NAMESPACED = { name: isSubdomain, namespaced: true };
const specOf = (object: KubeObject): Spec => (object as { readonly spec?: Spec }).spec ?? {};

export function deploymentProblems(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  const { minReadySeconds = 0, progressDeadlineSeconds } = spec;
  const errors = [
    ...metadataProblems(object.metadata, NAMESPACED),
    ...counts('spec', spec, ['replicas']),
    ...selectorProblems(spec, 'deployment'),
    ...replicatedTemplateProblems(spec, 'ReplicaSet'),
    ...deploymentStrategyProblems(spec),
    ...counts('spec', spec, ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds']),
  ];
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds) {
    const detail = 'must be greater than minReadySeconds';
    errors.push(invalidValue('spec.progressDeadlineSeconds', progressDeadlineSeconds, detail));
  }
  return errors;
}

function deploymentStrategyProblems({ strategy = {} }: Spec): FieldError[] {
  const { type, rollingUpdate } = strategy;
  const path = 'spec.strategy';
  switch (type) {
    case 'Recreate':
      if (rollingUpdate === undefined) return [];
      return [forbiddenValue(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
    case 'RollingUpdate': {
      const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {};
      const at = `${path}.rollingUpdate`;
      const errors = [...amount(`${at}.maxUnavailable`, maxUnavailable), ...amount(`${at}.maxSurge`, maxSurge)];
      if (amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0) {
        errors.push(invalidValue(`${at}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
      }
      return [...errors, ...atMostAll(`${at}.maxUnavailable`, maxUnavailable)];
    }
    default:
      return [notSupportedValue(path, type ?? '', ['Recreate', 'RollingUpdate'])];
  }
}

export const replicaSetProblems = (object: KubeObject): FieldError[] => {
  const spec = specOf(object);
  return [
    ...metadataProblems(object.metadata, NAMESPACED),
    ...counts('spec', spec, ['replicas', 'minReadySeconds']),
    ...selectorProblems(spec, 'replicaset'),
    ...replicatedTemplateProblems(spec, 'ReplicaSet'),
  ];
};

export const replicationControllerRules = (object: KubeObject): FieldError[] => {
  const spec = specOf(object);
  const selector = (spec.selector ?? {}) as Readonly<Record<string, string>>;
  const isEmpty = Object.keys(selector).length === 0;
  return [
    ...metadataProblems(object.metadata, NAMESPACED),
    ...counts('spec', spec, ['minReadySeconds']),
    ...(isEmpty ? [requiredValue('spec.selector')] : []),
    ...counts('spec', spec, ['replicas']),
    ...replicatedTemplateProblems({ ...spec, selector: { matchLabels: selector } }, 'ReplicationController'),
  ];
};

export function statefulSetProblems(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  const { podManagementPolicy = '', updateStrategy = {}, volumeClaimTemplates = [], template } = spec;
  const errors = metadataProblems(object.metadata, NAMESPACED);
  if (podManagementPolicy === '') errors.push(requiredValue('spec.podManagementPolicy'));
  else if (podManagementPolicy !== 'OrderedReady' && podManagementPolicy !== 'Parallel') {
    const detail = "must be 'OrderedReady' or 'Parallel'";
    errors.push(invalidValue('spec.podManagementPolicy', enumText(podManagementPolicy), detail));
  }
  errors.push(...statefulStrategyProblems(updateStrategy), ...counts('spec', spec, ['replicas', 'minReadySeconds']));
  errors.push(...selectorProblems(spec, 'statefulset'));
  // The claims become volumes of their names.
  const claims = new Map(volumeClaimTemplates.map(({ metadata }) => [metadata?.name ?? '', metadata?.name ?? '']));
  const volumes = [
    ...[...claims.keys()].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    ...(template?.spec?.volumes ?? []).filter(({ name }) => !claims.has(name)),
  ];
  const mounted = template?.spec && { ...template, spec: { ...template.spec, volumes } };
  return [...errors, ...replicatedTemplateProblems({ ...spec, template: mounted ?? template }, 'StatefulSet')];
}

function statefulStrategyProblems({ type = '', rollingUpdate }: NonNullable<Spec['updateStrategy']>): FieldError[] {
  const path = 'spec.updateStrategy';
  if (type === '') return [requiredValue(path)];
  if (type === 'OnDelete') {
    if (rollingUpdate === undefined) return [];
    const detail = "only allowed for updateStrategy 'RollingUpdate'";
    return [invalidValue(`${path}.rollingUpdate`, rollingUpdate, detail)];
  }
  if (type !== 'RollingUpdate') {
    return [invalidValue(path, { type, rollingUpdate }, "must be 'RollingUpdate' or 'OnDelete'")];
  }
  if (rollingUpdate === undefined) return [];
  const { maxUnavailable } = rollingUpdate;
  const errors = counts(`${path}.rollingUpdate`, rollingUpdate, ['partition']);
  if (maxUnavailable === undefined) return errors;
  const at = `${path}.rollingUpdate.maxUnavailable`;
  errors.push(...amount(at, maxUnavailable));
  if (amountOf(maxUnavailable) === 0) errors.push(invalidValue(at, maxUnavailable, 'cannot be 0'));
  return [...errors, ...atMostAll(at, maxUnavailable)];
}

export function daemonSetProblems(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  const errors = metadataProblems(object.metadata, NAMESPACED);
  errors.push(...labelSelectorProblems('spec.selector', spec.selector), ...templateMatches(spec));
  if (spec.selector !== undefined && isEmptySelector(spec.selector)) {
    errors.push(invalidValue('spec.selector', spec.selector, 'empty selector is invalid for daemonset'));
  }
  errors.push(...templateProblems('spec.template', spec.template), ...runsForever(spec.template, 'DaemonSet'));
  errors.push(...counts('spec', spec, ['minReadySeconds']), ...daemonStrategyProblems(spec.updateStrategy ?? {}));
  return [...errors, ...counts('spec', spec, ['revisionHistoryLimit'])];
}

function daemonStrategyProblems({ type = '', rollingUpdate }: NonNullable<Spec['updateStrategy']>): FieldError[] {
  const path = 'spec.updateStrategy';
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') return [notSupportedValue(path, type, ['OnDelete', 'RollingUpdate'])];
  if (rollingUpdate === undefined) return [requiredValue(`${path}.rollingUpdate`)];
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  const at = `${path}.rollingUpdate`;
  const errors = [
    ...amount(`${at}.maxUnavailable`, maxUnavailable),
    ...amount(`${at}.maxSurge`, maxSurge),
    ...atMostAll(`${at}.maxUnavailable`, maxUnavailable),
    ...atMostAll(`${at}.maxSurge`, maxSurge),
  ];
  const isSurging = amountOf(maxSurge) !== 0;
  if (amountOf(maxUnavailable) === 0) {
    if (!isSurging) errors.push(requiredValue(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  } else if (isSurging) {
    errors.push(invalidValue(`${at}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  }
  return errors;
}

export const jobProblems = (object: KubeObject): FieldError[] => [
  ...metadataProblems(object.metadata, NAMESPACED),
  ...jobSpecProblems('spec', specOf(object)),
  ...(specOf(object).selector === undefined ? [requiredValue('spec.selector')] : []),
  ...templateMatches(specOf(object)),
  ...jobRules.jobNameProblems(object),
];

const JOB_COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
] as const;

function jobSpecProblems(path: string, spec: Spec): FieldError[] {
  const { completionMode, completions, template } = spec;
  const errors = counts(path, spec, JOB_COUNTS);
  if (completionMode !== undefined && completionMode !== 'NonIndexed' && completionMode !== 'Indexed') {
    errors.push(notSupportedValue(`${path}.completionMode`, completionMode, ['NonIndexed', 'Indexed']));
  }
  if (completionMode === 'Indexed' && completions === undefined) {
    errors.push(requiredValue(`${path}.completions`, 'when completion mode is Indexed'));
  }
  errors.push(...jobRules.jobModeProblems(path, spec));
  errors.push(...templateProblems(`${path}.template`, template));
  const { restartPolicy = '' } = template?.spec ?? {};
  const at = `${path}.template.spec.restartPolicy`;
  if (restartPolicy === '' || restartPolicy === 'Always') {
    errors.push(requiredValue(at, 'valid values: "OnFailure", "Never"'));
  } else if (restartPolicy !== 'OnFailure' && restartPolicy !== 'Never') {
    errors.push(notSupportedValue(at, restartPolicy, ['OnFailure', 'Never']));
  } else if (spec.podFailurePolicy !== undefined && restartPolicy !== 'Never') {
    const detail = 'only "Never" is supported when podFailurePolicy is specified';
    errors.push(invalidValue(at, enumText(restartPolicy), detail));
  }
  return errors;
}

export function cronJobProblems(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  const { concurrencyPolicy = '', jobTemplate } = spec;
  const errors = [...metadataProblems(object.metadata, NAMESPACED), ...jobRules.scheduleProblems(object)];
  errors.push(...counts('spec', spec, ['startingDeadlineSeconds']), ...jobRules.timeZoneProblems(object));
  const policies = ['Allow', 'Forbid', 'Replace'];
  if (concurrencyPolicy === '') errors.push(requiredValue('spec.concurrencyPolicy'));
  else if (!policies.includes(concurrencyPolicy)) {
    errors.push(notSupportedValue('spec.concurrencyPolicy', concurrencyPolicy, policies));
  }
  errors.push(...jobSpecProblems('spec.jobTemplate.spec', jobTemplate?.spec ?? {}));
  errors.push(...jobRules.jobTemplateProblems(object));
  errors.push(...counts('spec', spec, ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit']));
  return [...errors, ...jobRules.cronNameProblems(object)];
}

// --- parts -------------------------------------------------------------------------------------------------------------

function counts<T extends object>(path: string, holder: T, fields: ReadonlyArray<keyof T & string>): FieldError[] {
  return fields.flatMap((field) => {
    const value = holder[field] as number | undefined;
    if (value === undefined || value >= 0) return [];
    return [invalidValue(`${path}.${field}`, value, 'must be greater than or equal to 0')];
  });
}

const isEmptySelector = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean =>
  Object.keys(matchLabels).length + matchExpressions.length === 0;

function selectorProblems({ selector }: Spec, called: string): FieldError[] {
  if (selector === undefined) return [requiredValue('spec.selector')];
  const errors = labelSelectorProblems('spec.selector', selector);
  if (isEmptySelector(selector)) {
    errors.push(invalidValue('spec.selector', selector, `empty selector is invalid for ${called}`));
  }
  return errors;
}

function templateMatches({ selector, template }: Spec): FieldError[] {
  const labels = template?.metadata?.labels ?? {};
  // What is wrong with the selector itself has been told.
  if (labelSelectorProblems('', selector).length > 0 || compileLabelSelector(selector).matches(labels)) return [];
  const detail = '`selector` does not match template `labels`';
  return [invalidValue('spec.template.metadata.labels', template?.metadata?.labels ?? null, detail)];
}

function replicatedTemplateProblems(spec: Spec, called: string): FieldError[] {
  const isSelecting = spec.selector !== undefined && !isEmptySelector(spec.selector);
  return [
    ...(isSelecting ? templateMatches(spec) : []),
    ...templateProblems('spec.template', spec.template),
    ...runsForever(spec.template, called),
  ];
}

/** `ValidatePodTemplateSpec`. */
function templateProblems(path: string, template: Template | undefined): FieldError[] {
  return [
    ...labelsProblems(`${path}.labels`, template?.metadata?.labels),
    ...podSpecProblems(`${path}.spec`, template?.spec ?? { containers: [] }, ''),
  ];
}

function runsForever(template: Template | undefined, called: string): FieldError[] {
  const { restartPolicy = 'Always', activeDeadlineSeconds } = template?.spec ?? {};
  const path = 'spec.template.spec';
  return [
    ...(restartPolicy === 'Always' ? [] : [notSupportedValue(`${path}.restartPolicy`, restartPolicy, ['Always'])]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [forbiddenValue(`${path}.activeDeadlineSeconds`, `activeDeadlineSeconds in ${called} is not Supported`)]),
  ];
}

const PERCENT = /^[0-9]+%$/;
const PERCENT_TEXT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

function amount(path: string, value: IntOrPercent): FieldError[] {
  if (typeof value === 'string') return PERCENT.test(value) ? [] : [invalidValue(path, value, PERCENT_TEXT)];
  return value >= 0 ? [] : [invalidValue(path, value, 'must be greater than or equal to 0')];
}

/** A text that is no percentage counts as Go's `Atoi` has it. */
const amountOf = (value: IntOrPercent): number => (typeof value === 'number' ? value : Number.parseInt(value, 10) || 0);

const atMostAll = (path: string, value: IntOrPercent): FieldError[] =>
  typeof value === 'string' && PERCENT.test(value) && Number.parseInt(value, 10) > 100
    ? [invalidValue(path, value, 'must not be greater than 100%')]
    : [];
