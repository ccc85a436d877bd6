/** Roles and their bindings. Source: `pkg/apis/rbac/{v1/defaults,validation/validation}.go`, v1.37.2. */
import {
  type FieldError,
  invalidValue,
  type KubeObject,
  notSupportedValue,
  requiredValue,
} from '../../../api/index.ts';
import { metadataProblems } from '../../../api/validation/metadata.ts';
import { isSubdomain, type NameRule, nameErrors } from '../../../api/validation/names.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** `system:controller:x` and the like: any name that fits into a path. */
export const isPathSegment: NameRule = (name) => {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
};

interface Rule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

interface Role extends KubeObject {
  readonly rules?: readonly Rule[];
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly object[] };
}

interface Subject {
  readonly kind?: string;
  readonly apiGroup?: string;
  readonly name?: string;
  readonly namespace?: string;
}

interface Binding extends KubeObject {
  readonly subjects?: readonly Subject[];
  readonly roleRef?: { readonly apiGroup?: string; readonly kind?: string; readonly name?: string };
}

export const roleProblems =
  (namespaced: boolean) =>
  (object: KubeObject): FieldError[] => {
    const { metadata, rules = [], aggregationRule } = object as Role;
    const errors = metadataProblems(metadata, { name: isPathSegment, namespaced });
    rules.forEach((rule, i) => {
      ruleProblems(rule, namespaced, `rules[${i}]`, errors);
    });
    if (aggregationRule !== undefined && (aggregationRule.clusterRoleSelectors ?? []).length === 0) {
      const detail = 'at least one clusterRoleSelector required if aggregationRule is non-nil';
      errors.push(requiredValue('aggregationRule.clusterRoleSelectors', detail));
    }
    return errors;
  };

function ruleProblems(rule: Rule, namespaced: boolean, path: string, errors: FieldError[]): void {
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  if (verbs.length === 0) errors.push(requiredValue(`${path}.verbs`, 'verbs must contain at least one value'));
  if (nonResourceURLs.length > 0) {
    const refuse = (detail: string): void =>
      void errors.push(invalidValue(`${path}.nonResourceURLs`, nonResourceURLs, detail));
    if (namespaced) refuse('namespaced rules cannot apply to non-resource URLs');
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      refuse('rules cannot apply to both regular resources and non-resource URLs');
    }
    return;
  }
  if (apiGroups.length === 0) {
    errors.push(requiredValue(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  }
  if (resources.length === 0) {
    errors.push(requiredValue(`${path}.resources`, 'resource rules must supply at least one resource'));
  }
}

export function defaultBinding(object: KubeObject): KubeObject {
  const { subjects, roleRef } = object as Binding;
  const complete = {
    ...object,
    roleRef: roleRef?.apiGroup ? roleRef : { ...roleRef, apiGroup: GROUP },
  } as Binding;
  if (subjects === undefined) return complete;
  const filled = subjects.map((subject) =>
    !subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')
      ? { ...subject, apiGroup: GROUP }
      : subject,
  );
  return { ...complete, subjects: filled } as KubeObject;
}

export const bindingProblems =
  (namespaced: boolean) =>
  (object: KubeObject): FieldError[] => {
    const { metadata, subjects = [], roleRef = {} } = object as Binding;
    const { apiGroup = '', kind = '', name = '' } = roleRef;
    const errors = metadataProblems(metadata, { name: isPathSegment, namespaced });
    if (apiGroup !== GROUP) errors.push(notSupportedValue('roleRef.apiGroup', apiGroup, [GROUP]));
    const kinds = namespaced ? ['ClusterRole', 'Role'] : ['ClusterRole'];
    if (!kinds.includes(kind)) errors.push(notSupportedValue('roleRef.kind', kind, kinds));
    if (name === '') errors.push(requiredValue('roleRef.name'));
    else errors.push(...nameErrors('roleRef.name', name, isPathSegment));
    subjects.forEach((subject, i) => {
      subjectProblems(subject, namespaced, `subjects[${i}]`, errors);
    });
    return errors;
  };

function subjectProblems(subject: Subject, namespaced: boolean, path: string, errors: FieldError[]): void {
  const { kind = '', apiGroup = '', name = '', namespace = '' } = subject;
  if (name === '') errors.push(requiredValue(`${path}.name`));
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') errors.push(...nameErrors(`${path}.name`, name, isSubdomain));
      if (apiGroup !== '') errors.push(notSupportedValue(`${path}.apiGroup`, apiGroup, ['']));
      if (!namespaced && namespace === '') errors.push(requiredValue(`${path}.namespace`));
      return;
    case 'User':
    case 'Group':
      if (apiGroup !== GROUP) errors.push(notSupportedValue(`${path}.apiGroup`, apiGroup, [GROUP]));
      return;
    default:
      errors.push(notSupportedValue(`${path}.kind`, kind, ['Group', 'ServiceAccount', 'User']));
  }
}
