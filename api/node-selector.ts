/**
 * Node selectors and node affinity. Source: `component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go`, v0.37.2.
 */
import { aggregate, enumText, type FieldError, invalidValue, notSupportedValue } from './field-error.ts';
import { type Labels, makeRequirement, matcherOfLabels, type Operator, type Requirement } from './selectors.ts';
import type {
  Node,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodSpec,
  PreferredSchedulingTerm,
} from './types.ts';

export interface NodeMatcher {
  matches(node: Node): boolean;
}

interface Term {
  readonly errors: readonly FieldError[];
  matches(labels: Labels, name: string): boolean;
}

const NO_LABELS: Labels = {};
const OPERATORS: Readonly<Record<string, Operator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

/** Terms are ORed. An empty term matches nothing; one that cannot be parsed matches nothing and hinders no other. */
export function compileNodeSelector(selector: NodeSelector): NodeMatcher {
  const terms = termsOf(selector, 'nodeSelectorTerms').filter((term) => term.errors.length === 0);
  return {
    matches: (node) => {
      const labels = node.metadata?.labels ?? NO_LABELS;
      const name = node.metadata?.name ?? '';
      return terms.some((term) => term.matches(labels, name));
    },
  };
}

/** Everything wrong with a node selector, in upstream's words. `path` is that of the selector. */
export const nodeSelectorErrors = (selector: NodeSelector, path: string): FieldError[] =>
  termsOf(selector, `${path}.nodeSelectorTerms`).flatMap((term) => term.errors);

/** `nodeSelector` and required node affinity together; undefined when the pod asks for neither. */
export function compileRequiredNodeAffinity(spec: PodSpec): NodeMatcher | undefined {
  const pairs = spec.nodeSelector ?? {};
  const labels = Object.keys(pairs).length > 0 ? matcherOfLabels(pairs) : undefined;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const selector = required ? compileNodeSelector(required) : undefined;
  if (labels === undefined) return selector;
  if (selector === undefined) return { matches: (node) => labels.matches(node.metadata?.labels) };
  return { matches: (node) => labels.matches(node.metadata?.labels) && selector.matches(node) };
}

export interface PreferredTerms {
  /** Sum of the weights of the matching terms. */
  score(node: Node): number;
  /** Set when a term that counts cannot be parsed: upstream's text. */
  readonly error?: string;
}

/** Terms of weight 0 and terms without expressions are left out, errors and all. */
export function compilePreferredTerms(
  terms: readonly PreferredSchedulingTerm[] | null | undefined,
  path = '',
): PreferredTerms {
  const compiled = weightedTermsOf(terms ?? [], path);
  const errors = compiled.flatMap(({ term }) => term.errors);
  return {
    error: errors.length === 0 ? undefined : aggregate(errors),
    score: (node) => {
      const labels = node.metadata?.labels ?? NO_LABELS;
      const name = node.metadata?.name ?? '';
      let sum = 0;
      for (const { term, weight } of compiled) if (term.matches(labels, name)) sum += weight;
      return sum;
    },
  };
}

/** Everything wrong with those preferred terms that count, in upstream's words. `path` is that of the list. */
export const preferredTermErrors = (terms: readonly PreferredSchedulingTerm[], path: string): FieldError[] =>
  weightedTermsOf(terms, path).flatMap(({ term }) => term.errors);

const weightedTermsOf = (terms: readonly PreferredSchedulingTerm[], path: string) =>
  terms.flatMap(({ weight, preference }, i) =>
    weight === 0 || isEmptyTerm(preference) ? [] : [{ weight, term: compileTerm(preference, `${path}[${i}]`) }],
  );

function termsOf(selector: NodeSelector, path: string): Term[] {
  return (selector.nodeSelectorTerms ?? []).flatMap((term, i) =>
    isEmptyTerm(term) ? [] : [compileTerm(term, `${path}[${i}]`)],
  );
}

const isEmptyTerm = (term: NodeSelectorTerm | undefined): boolean =>
  (term?.matchExpressions ?? []).length === 0 && (term?.matchFields ?? []).length === 0;

function compileTerm(term: NodeSelectorTerm, path: string): Term {
  const errors: FieldError[] = [];
  const onLabels: Requirement[] = [];
  (term.matchExpressions ?? []).forEach((expression, i) => {
    const at = `${path}.matchExpressions[${i}]`;
    // Absent fields are Go's empty strings: only stored objects have been through validation.
    const { key = '', operator: name = '', values } = expression;
    const operator = OPERATORS[name];
    if (operator === undefined) {
      errors.push(notSupportedValue(`${at}.operator`, enumText(name), Object.keys(OPERATORS)));
      return;
    }
    const made = makeRequirement(key, operator, values, at);
    errors.push(...made.errors);
    if (made.requirement !== undefined) onLabels.push(made.requirement);
  });
  const onFields: Array<(name: string) => boolean> = [];
  (term.matchFields ?? []).forEach((expression, i) => {
    const made = compileField(expression, `${path}.matchFields[${i}]`);
    if ('text' in made) errors.push(made);
    else onFields.push(made.matches);
  });
  return {
    errors,
    matches: (labels, name) => {
      if (errors.length > 0) return false;
      for (const requirement of onLabels) if (!requirement.matches(labels)) return false;
      for (const matches of onFields) if (!matches(name)) return false;
      return true;
    },
  };
}

/** The one field that nodes offer is `metadata.name`; any other reads as ''. */
function compileField(
  expression: NodeSelectorRequirement,
  path: string,
): FieldError | { matches: (name: string) => boolean } {
  const { key = '', operator = '', values } = expression;
  if (operator !== 'In' && operator !== 'NotIn') {
    return notSupportedValue(`${path}.operator`, enumText(operator), ['In', 'NotIn']);
  }
  if (values?.length !== 1) return invalidValue(`${path}.values`, values ?? null, 'must have one element');
  const [wanted] = values;
  return { matches: (name) => ((key === 'metadata.name' ? name : '') === wanted) === (operator === 'In') };
}
