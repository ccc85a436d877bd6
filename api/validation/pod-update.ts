/**
 * What an update may change of a pod. Source: `ValidatePodUpdate` and `ValidatePodStatusUpdate` in
 * `pkg/apis/core/validation/validation.go`, v1.37.2. Upstream ends the message for everything else with a difference of its
 * own internal form, which is left out here.
 */
import { type FieldError, forbiddenValue, invalidValue } from '../field-error.ts';
import { labelKeyErrors } from '../label-rules.ts';
import type { Affinity, Container, NodeAffinity, Pod, PodSpec, Toleration } from '../types.ts';
import { IMMUTABLE, metadataUpdateProblems } from './metadata-update.ts';
import { isSubdomain, nameErrors } from './names.ts';
import { podProblems } from './pod.ts';
import { isSame } from './same.ts';

const INT32_MAX = 2 ** 31 - 1;
const MAY_CHANGE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

export function podUpdateProblems(next: Pod, old: Pod): FieldError[] {
  const errors = metadataUpdateProblems(next, old);
  if (next.spec === old.spec) {
    errors.push(...podProblems(next));
    return errors;
  }
  errors.push(...podProblems(next));
  const spec = next.spec ?? { containers: [] };
  const was = old.spec ?? { containers: [] };
  for (const list of ['containers', 'initContainers'] as const) {
    if ((spec[list] ?? []).length === (was[list] ?? []).length) continue;
    errors.push(forbiddenValue(`spec.${list}`, 'pod updates may not add or remove containers'));
    return errors;
  }
  const deadline = deadlineProblem(spec.activeDeadlineSeconds, was.activeDeadlineSeconds);
  if (deadline !== undefined) errors.push(deadline);
  errors.push(...tolerationProblems(spec.tolerations ?? [], was.tolerations ?? []));
  errors.push(...gateProblems(spec, was));
  if (isSame(spec, was)) return errors;
  const masked = withChangesAllowed(spec, was);
  if ((was.schedulingGates ?? []).length > 0) errors.push(...gatedProblems(masked, was));
  if (!isSame(masked, was))
    errors.push(forbiddenValue('spec', `pod updates may not change fields other than ${MAY_CHANGE}`));
  return errors;
}

function deadlineProblem(next: number | undefined, old: number | undefined): FieldError | undefined {
  const path = 'spec.activeDeadlineSeconds';
  if (next === undefined) {
    if (old === undefined) return undefined;
    return invalidValue(path, null, 'must not update from a positive integer to nil value');
  }
  if (next < 0 || next > INT32_MAX) {
    return invalidValue(path, next, `must be between 0 and ${INT32_MAX}, inclusive`);
  }
  return old !== undefined && old < next
    ? invalidValue(path, next, 'must be less than or equal to previous value')
    : undefined;
}

/** Tolerations may come, and change for how long they hold. */
function tolerationProblems(next: readonly Toleration[], old: readonly Toleration[]): FieldError[] {
  const isKept = ({ tolerationSeconds: _, ...wanted }: Toleration): boolean =>
    next.some(({ tolerationSeconds: __, ...given }) => isSame(given, wanted));
  if (old.every(isKept)) return [];
  return [forbiddenValue('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

function gateProblems({ schedulingGates = [] }: PodSpec, { schedulingGates: old = [] }: PodSpec): FieldError[] {
  const known = new Set(old.map(({ name }) => name));
  return schedulingGates.flatMap(({ name }, i) =>
    known.has(name)
      ? []
      : [
          forbiddenValue(
            `spec.schedulingGates[${i}].name`,
            `only deletion is allowed, but found new scheduling gate '${name}'`,
          ),
        ],
  );
}

/** The new spec with the old values of all that may change. */
function withChangesAllowed(spec: PodSpec, was: PodSpec): PodSpec {
  const imagesOf = (list: readonly Container[] | undefined, old: readonly Container[] | undefined) =>
    list?.map((container, i) => ({ ...container, image: old?.[i]?.image }));
  const { terminationGracePeriodSeconds: grace } = was;
  const wasNegative = grace !== undefined && grace < 0 && spec.terminationGracePeriodSeconds === 1;
  return {
    ...spec,
    containers: imagesOf(spec.containers, was.containers)!,
    initContainers: imagesOf(spec.initContainers, was.initContainers),
    activeDeadlineSeconds: was.activeDeadlineSeconds,
    schedulingGates: was.schedulingGates,
    tolerations: was.tolerations,
    terminationGracePeriodSeconds: wasNegative ? grace : spec.terminationGracePeriodSeconds,
  };
}

/** While a pod is gated, the nodes that it may run on can be narrowed; `masked` loses what was looked at here. */
function gatedProblems(masked: PodSpec, was: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (!isSame(masked.nodeSelector, was.nodeSelector)) {
    errors.push(...nodeSelectorProblems(masked.nodeSelector, was.nodeSelector ?? {}));
    masked.nodeSelector = was.nodeSelector;
  }
  const next = masked.affinity?.nodeAffinity;
  const old = was.affinity?.nodeAffinity;
  if (!isSame(next, old)) {
    errors.push(...nodeAffinityProblems(next, old));
    const affinity: Affinity = { ...masked.affinity, nodeAffinity: old };
    masked.affinity = was.affinity === undefined && isSame(affinity, {}) ? undefined : affinity;
  }
  return errors;
}

type Labels = Readonly<Record<string, string>>;

function nodeSelectorProblems(next: Labels | undefined, old: Labels): FieldError[] {
  const isNarrower = Object.entries(old).every(([key, value]) => next?.[key] === value);
  if (isNarrower) return [];
  return [
    invalidValue(
      'spec.nodeSelector',
      next ?? null,
      'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ),
  ];
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

function nodeAffinityProblems(next: NodeAffinity | undefined, old: NodeAffinity | undefined): FieldError[] {
  const terms = old?.[REQUIRED]?.nodeSelectorTerms ?? [];
  if (terms.length === 0) return [];
  const path = `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms`;
  const given = next?.[REQUIRED]?.nodeSelectorTerms ?? [];
  if (given.length !== terms.length) {
    return [invalidValue(path, given, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  }
  return terms.flatMap((term, i) => {
    const { matchExpressions = [], matchFields = [] } = given[i] ?? {};
    const keeps = (before: readonly unknown[] | undefined, after: readonly unknown[]): boolean =>
      (before ?? []).every((requirement, j) => isSame(after[j], requirement));
    if (keeps(term.matchExpressions, matchExpressions) && keeps(term.matchFields, matchFields)) return [];
    return [invalidValue(`${path}[${i}]`, given[i], 'only additions are allowed (no mutations or deletions)')];
  });
}

const SYSTEM_CONDITIONS = new Set(['PodScheduled', 'Ready', 'Initialized']);

export function podStatusUpdateProblems(next: Pod, old: Pod): FieldError[] {
  const errors = metadataUpdateProblems(next, old);
  const { status = {} } = next;
  status.conditions?.forEach(({ type }, i) => {
    if (SYSTEM_CONDITIONS.has(type)) return;
    const path = `status.conditions[${i}].Type`;
    errors.push(...labelKeyErrors(type ?? '').map((detail) => invalidValue(path, type ?? '', detail)));
  });
  const { nominatedNodeName: nominated = '' } = status;
  const path = 'status.nominatedNodeName';
  if (nominated !== '' && nominated !== (old.status?.nominatedNodeName ?? '')) {
    errors.push(...nameErrors(path, nominated, isSubdomain));
    if (old.spec?.nodeName) {
      errors.push(forbiddenValue(path, 'may not be set on pods that are already bound to a node'));
    }
  }
  if ((status.qosClass ?? '') !== (old.status?.qosClass ?? '')) {
    errors.push(invalidValue('status.qosClass', status.qosClass ?? '', IMMUTABLE));
  }
  errors.push(...terminatedProblems(next, old));
  return errors;
}

/** A container that has ended for good stays so. */
function terminatedProblems({ status, spec }: Pod, old: Pod): FieldError[] {
  const policy = spec?.restartPolicy ?? 'Always';
  if (policy === 'Always') return [];
  return (old.status?.containerStatuses ?? []).flatMap(({ name, state }, i) => {
    const ended = state?.terminated;
    if (ended === undefined || (policy === 'OnFailure' && ended.exitCode !== 0)) return [];
    const now = status?.containerStatuses?.find((other) => other.name === name);
    if (now === undefined || now.state?.terminated !== undefined) return [];
    return [forbiddenValue(`status.containerStatuses[${i}].state`, 'may not be transitioned to non-terminated state')];
  });
}
