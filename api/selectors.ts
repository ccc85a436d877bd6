/**
 * Label selectors, compiled once and matched often. Source: `apimachinery/pkg/labels/selector.go` and
 * `apimachinery/pkg/apis/meta/v1/helpers.go`, v0.37.2.
 */
import { aggregate, type FieldError, invalidValue, notSupportedValue } from './field-error.ts';
import { labelKeyErrors, labelValueErrors } from './label-rules.ts';
import type { LabelSelector } from './types.ts';

export type Labels = Readonly<Record<string, string>>;

export interface LabelMatcher {
  matches(labels: Labels | undefined): boolean;
  /** The selector `{}`: matches every object. */
  readonly everything: boolean;
  /** No selector at all: matches no object. */
  readonly nothing: boolean;
  /** Labels of other keys make no difference. */
  readonly keys: readonly string[];
}

export type Operator = 'in' | 'notin' | '=' | 'exists' | '!' | 'gt' | 'lt';

/** One requirement on one key. */
export interface Requirement {
  readonly key: string;
  matches(labels: Labels): boolean;
}

const NO_LABELS: Labels = {};

export const EVERYTHING: LabelMatcher = { matches: () => true, everything: true, nothing: false, keys: [] };
export const NOTHING: LabelMatcher = { matches: () => false, everything: false, nothing: true, keys: [] };

/** nil matches nothing, `{}` matches everything. Throws an Error with upstream's text for a selector it would refuse. */
export function compileLabelSelector(selector: LabelSelector | null | undefined): LabelMatcher {
  if (selector === null || selector === undefined) return NOTHING;
  const requirements = requirementsOf(selector);
  return matcherOf(requirements);
}

function requirementsOf(selector: LabelSelector): Requirement[] {
  const requirements: Requirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    requirements.push(requirementOrThrow(key, '=', [value]));
  }
  for (const { key = '', operator = '', values } of selector.matchExpressions ?? []) {
    const known = LABEL_OPERATORS[operator];
    if (known === undefined) throw new Error(`${JSON.stringify(operator)} is not a valid label selector operator`);
    // Upstream copies the list, and Go's copy of an empty one is nil, which is what messages show.
    requirements.push(requirementOrThrow(key, known, values?.length ? values : null));
  }
  return requirements;
}

const LABEL_OPERATORS: Readonly<Record<string, Operator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

function requirementOrThrow(key: string, operator: Operator, values: readonly string[] | null): Requirement {
  const { requirement, errors } = makeRequirement(key, operator, values, '');
  if (requirement === undefined) throw new Error(aggregate(errors));
  return requirement;
}

/** A map of labels that must all be equal; `{}` matches everything. */
export function matcherOfLabels(labels: Labels): LabelMatcher {
  const pairs = Object.entries(labels);
  return matcherOf(pairs.map(([key, value]) => ({ key, matches: (candidate) => candidate[key] === value })));
}

export function bothMatch(a: LabelMatcher, b: LabelMatcher): LabelMatcher {
  if (a.nothing || b.nothing) return NOTHING;
  if (a.everything) return b;
  if (b.everything) return a;
  const keys = [...a.keys, ...b.keys];
  return { matches: (labels) => a.matches(labels) && b.matches(labels), everything: false, nothing: false, keys };
}

/** All of the requirements; none match everything. */
export function matcherOf(requirements: readonly Requirement[]): LabelMatcher {
  if (requirements.length === 0) return EVERYTHING;
  const keys = requirements.map(({ key }) => key);
  if (requirements.length === 1) {
    const [only] = requirements;
    return { matches: (labels = NO_LABELS) => only!.matches(labels), everything: false, nothing: false, keys };
  }
  return {
    matches: (labels = NO_LABELS) => {
      for (const requirement of requirements) if (!requirement.matches(labels)) return false;
      return true;
    },
    everything: false,
    nothing: false,
    keys,
  };
}

/** `labels.NewRequirement`: a requirement, or what is wrong with it. `path` is the requirement's own field path. */
export function makeRequirement(
  key: string,
  operator: Operator,
  given: readonly string[] | null | undefined,
  path: string,
): { readonly requirement?: Requirement; readonly errors: readonly FieldError[] } {
  const at = (child: string): string => (path === '' ? child : `${path}.${child}`);
  const errors: FieldError[] = [];
  const values = given ?? [];
  const keyErrors = labelKeyErrors(key);
  if (keyErrors.length > 0) errors.push(invalidValue(at('key'), key, keyErrors.join('; ')));
  errors.push(...valueCountErrors(operator, values, given ?? null, at('values')));
  values.forEach((value, i) => {
    const wrong = labelValueErrors(value);
    if (wrong.length > 0) errors.push(invalidValue(`${at('values')}[${i}][${key}]`, value, wrong.join('; ')));
  });
  if (errors.length > 0) return { errors };
  return { requirement: { key, matches: matchFunction(key, operator, values) }, errors };
}

/** `shown` is the list as it was given, null if there was none: messages tell the two apart. */
function valueCountErrors(
  operator: Operator,
  values: readonly string[],
  shown: readonly string[] | null,
  path: string,
): FieldError[] {
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length > 0
        ? []
        : [invalidValue(path, shown, "for 'in', 'notin' operators, values set can't be empty")];
    case '=':
      return values.length === 1
        ? []
        : [invalidValue(path, shown, 'exact-match compatibility requires one single value')];
    case 'exists':
    case '!':
      return values.length === 0
        ? []
        : [invalidValue(path, shown, 'values set must be empty for exists and does not exist')];
    case 'gt':
    case 'lt': {
      const errors: FieldError[] = [];
      if (values.length !== 1) {
        errors.push(invalidValue(path, shown, "for 'Gt', 'Lt' operators, exactly one value is required"));
      }
      values.forEach((value, i) => {
        if (parseInt64(value) === undefined) {
          errors.push(invalidValue(`${path}[${i}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
        }
      });
      return errors;
    }
    default:
      return [notSupportedValue(path.replace(/values$/, 'operator'), operator, [])];
  }
}

/** Undefined for what every object inherits: a label may be named `constructor`. */
const labelOf = (labels: Labels, key: string): string | undefined => {
  const value: unknown = labels[key];
  return typeof value === 'string' ? value : undefined;
};

function matchFunction(key: string, operator: Operator, values: readonly string[]): (labels: Labels) => boolean {
  switch (operator) {
    case '=': {
      const [value] = values;
      return (labels) => labels[key] === value;
    }
    case 'in': {
      const set = new Set(values);
      return (labels) => set.has(labels[key]!);
    }
    case 'notin': {
      const set = new Set(values);
      return (labels) => !set.has(labels[key]!);
    }
    case 'exists':
      return (labels) => labelOf(labels, key) !== undefined;
    case '!':
      return (labels) => labelOf(labels, key) === undefined;
    default: {
      const bound = parseInt64(values[0]!)!;
      return (labels) => {
        const text = labelOf(labels, key);
        const value = text === undefined ? undefined : parseInt64(text);
        if (value === undefined) return false;
        return operator === 'gt' ? value > bound : value < bound;
      };
    }
  }
}

/** `strconv.ParseInt(text, 10, 64)`; undefined when it fails. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value >= -(2n ** 63n) && value < 2n ** 63n ? value : undefined;
}
