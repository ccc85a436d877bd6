/**
 * Role based access control: a request is allowed when a rule of a role bound to its user, to one of the user's groups or to
 * its service account covers it. Source: `plugin/pkg/auth/authorizer/rbac/rbac.go`, `pkg/registry/rbac/validation/rule.go`,
 * `pkg/apis/rbac/v1/evaluation_helpers.go`, v1.37.2.
 *
 * Cost: a look at each of the user's rules; they are gathered anew when a role or binding has changed.
 */
import type { KubeObject } from '../../../../api/index.ts';
import type { Authorize, RequestAttributes, UserInfo } from '../../request-context.ts';

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly apiGroup?: string;
}

export interface RoleObject extends KubeObject {
  readonly rules?: readonly PolicyRule[];
  readonly aggregationRule?: {
    readonly clusterRoleSelectors?: readonly { readonly matchLabels?: Readonly<Record<string, string>> }[];
  };
}

export interface BindingObject extends KubeObject {
  readonly subjects?: readonly Subject[];
  readonly roleRef: { readonly kind: string; readonly name: string };
}

/** Where roles and bindings are read; '' as namespace for those of the whole cluster. */
export interface RbacObjects {
  /** Goes up with every change of any of them. */
  version(): number;
  role(namespace: string, name: string): RoleObject | undefined;
  clusterRoles(): Iterable<RoleObject>;
  bindings(namespace: string): Iterable<BindingObject>;
}

/** Of whose rules a user's are kept at a time. */
const NAMESPACES_MAX = 256;

/** May do everything, whatever the roles say. */
export const MASTERS = 'system:masters';

export class Rbac {
  private readonly objects: RbacObjects;
  /** What holds for a user in a namespace, at the version of the objects that it was found at. */
  private found = new WeakMap<UserInfo, Map<string, readonly PolicyRule[]>>();
  private foundAt = -1;

  constructor(objects: RbacObjects) {
    this.objects = objects;
  }

  readonly authorize: Authorize = (user, attributes) => {
    if (isMaster(user)) return undefined;
    for (const rule of this.knownRules(user, attributes.namespace)) if (covers(rule, attributes)) return undefined;
    return '';
  };

  private knownRules(user: UserInfo, namespace: string): readonly PolicyRule[] {
    const version = this.objects.version();
    if (version !== this.foundAt) {
      this.found = new WeakMap();
      this.foundAt = version;
    }
    let byNamespace = this.found.get(user);
    if (byNamespace === undefined || byNamespace.size >= NAMESPACES_MAX) {
      byNamespace = new Map();
      this.found.set(user, byNamespace);
    }
    let rules = byNamespace.get(namespace);
    if (rules === undefined) {
      rules = [...this.rulesFor(user, namespace)];
      byNamespace.set(namespace, rules);
    }
    return rules;
  }

  mayAsk(user: UserInfo, verb: string, path: string): boolean {
    if (isMaster(user)) return true;
    for (const rule of this.rulesFor(user, '')) if (coversPath(rule, verb, path)) return true;
    return false;
  }

  /** Rules of the cluster's bindings, and of those of a namespace. */
  *rulesFor(user: UserInfo, namespace: string): Generator<PolicyRule> {
    for (const where of namespace === '' ? [''] : ['', namespace]) {
      for (const binding of this.objects.bindings(where)) {
        const isBound = (binding.subjects ?? []).some((subject) => isSubject(subject, user, where));
        if (isBound) yield* this.rulesOf(binding, where);
      }
    }
  }

  private *rulesOf({ roleRef: { kind, name } }: BindingObject, namespace: string): Generator<PolicyRule> {
    const role = this.objects.role(kind === 'ClusterRole' ? '' : namespace, name);
    if (role === undefined) return;
    yield* role.rules ?? [];
    // What a controller writes into aggregated roles upstream is looked up here, so that it is never late.
    const selectors = role.aggregationRule?.clusterRoleSelectors;
    if (selectors === undefined) return;
    for (const other of this.objects.clusterRoles()) {
      if (other !== role && selectors.some(({ matchLabels }) => hasLabels(other, matchLabels)))
        yield* other.rules ?? [];
    }
  }
}

const isMaster = ({ groups }: UserInfo): boolean => groups?.includes(MASTERS) === true;

function hasLabels({ metadata }: KubeObject, wanted: Readonly<Record<string, string>> = {}): boolean {
  const entries = Object.entries(wanted);
  return entries.length > 0 && entries.every(([key, value]) => metadata?.labels?.[key] === value);
}

function isSubject({ kind, name, namespace: own }: Subject, user: UserInfo, bound: string): boolean {
  switch (kind) {
    case 'User':
      return user.username === name;
    case 'Group':
      return user.groups?.includes(name) === true;
    case 'ServiceAccount':
      return user.username === serviceAccountUser(own || bound, name);
    default:
      return false;
  }
}

export const serviceAccountUser = (namespace: string, name: string): string =>
  `system:serviceaccount:${namespace}:${name}`;

const has = (list: readonly string[] | undefined, wanted: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(wanted));

export function covers(rule: PolicyRule, { verb, group, resource, subresource, name }: RequestAttributes): boolean {
  if (!has(rule.verbs, verb) || !has(rule.apiGroups, group)) return false;
  const whole = subresource === '' ? resource : `${resource}/${subresource}`;
  const isResource = has(rule.resources, whole) || (subresource !== '' && rule.resources?.includes(`*/${subresource}`));
  if (!isResource) return false;
  return (rule.resourceNames ?? []).length === 0 || rule.resourceNames!.includes(name);
}

export function coversPath({ verbs, nonResourceURLs = [] }: PolicyRule, verb: string, path: string): boolean {
  if (!has(verbs, verb)) return false;
  return nonResourceURLs.some(
    (url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))),
  );
}
