/**
 * Stages of KWOK: when an object is such, then after so long, it becomes such. Source: `pkg/apis/v1alpha1/stage_types.go` of
 * `kubernetes-sigs/kwok` @172defa.
 */
import { parse as parseCel } from '@marcbachmann/cel-js';
import { parseAllDocuments } from 'yaml';
import { compileLabelSelector, InputError } from '../../api/index.ts';
import { type Expression, parseExpression } from './expression.ts';
import { parseTemplate, type Template } from './template.ts';

export interface Stage {
  readonly name: string;
  /** `v1` or `apps/v1`, as an object says it. */
  readonly apiVersion: string;
  readonly kind: string;
  matches(object: StageObject): boolean;
  /** Infinitely small where it has none to give. */
  weight(object: StageObject): number;
  readonly delay: StageDelay;
  /** One after another. */
  readonly steps: readonly StageStep[];
  readonly isImmediate: boolean;
}

export interface StageObject {
  readonly metadata?: { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
}

export interface StageDelay {
  readonly fromMs: number;
  readonly fromExpression: Expression | undefined;
  /** The other end of the range; not there: exactly so long. */
  readonly toMs: number | undefined;
  readonly toExpression: Expression | undefined;
}

export interface StagePatch {
  readonly subresource: string;
  /** Where in the object; empty for all of it. */
  readonly root: string;
  readonly type: 'json' | 'merge' | 'strategic';
  readonly template: Template;
}

export interface StageEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface StageFinalizers {
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly isEmptied: boolean;
}

/** One of the fields is set. */
export interface StageStep {
  readonly event?: StageEvent;
  readonly finalizers?: StageFinalizers;
  readonly patch?: StagePatch;
  /** Another object, made or changed. */
  readonly apply?: Template;
  readonly isDeleted?: boolean;
}

/** Functions of KWOK that templates may call. */
export const STAGE_FUNCTIONS = new Set([
  'Now',
  'StartTime',
  'Quote',
  'YAML',
  'Version',
  'NodeConditions',
  'NodeIP',
  'NodeName',
  'NodePort',
  'NodeIPWith',
  'NodeIPsWith',
  'PodIPWith',
  'PodIPsWith',
]);

type Given = Readonly<Record<string, unknown>>;

/** The Stages of a YAML text; other documents are left out. Throws InputError. */
export function readStages(text: string, file: string): Stage[] {
  const stages: Stage[] = [];
  for (const document of parseAllDocuments(text)) {
    const [error] = document.errors ?? [];
    if (error !== undefined) {
      const at = error.linePos?.[0];
      throw new InputError(
        `${file}${at === undefined ? '' : `:${at.line}:${at.col}`}: ${error.message.split('\n')[0]}`,
      );
    }
    const object = document.toJS() as Given | null;
    const items = (object?.kind === 'List' ? (object.items as Given[]) : [object]) ?? [];
    for (const item of items) if (item?.kind === 'Stage') stages.push(readStage(item, file));
  }
  if (stages.length === 0) throw new InputError(`${file}: no object of kind Stage`);
  return stages;
}

const mapping = (value: unknown): Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Given) : {};
const list = (value: unknown): Given[] => (Array.isArray(value) ? value.map(mapping) : []);

function readStage(object: Given, file: string): Stage {
  const name = String(mapping(object.metadata).name ?? '');
  const where = `${file}: Stage ${name}`;
  const spec = mapping(object.spec);
  const { apiGroup = 'v1', kind } = mapping(spec.resourceRef);
  if (typeof kind !== 'string') throw new InputError(`${where}: spec.resourceRef.kind is missing`);
  const weightFrom = expressionFrom(spec.weightFrom, `${where}: spec.weightFrom`);
  const weight = Number(spec.weight ?? 0);
  return {
    name,
    apiVersion: String(apiGroup),
    kind,
    matches: readSelector(mapping(spec.selector), `${where}: spec.selector`),
    weight: (given) => {
      const said = weightFrom === undefined ? Number.NaN : Number(weightFrom(given)[0]);
      return Number.isFinite(said) ? said : weight;
    },
    delay: readDelay(mapping(spec.delay), `${where}: spec.delay`),
    steps:
      spec.steps === undefined ? readNext(mapping(spec.next), `${where}: spec.next`) : readSteps(spec.steps, where),
    isImmediate: spec.immediateNextStage === true,
  };
}

const expressionFrom = (given: unknown, where: string): Expression | undefined => {
  const { expressionFrom: text } = mapping(given);
  return typeof text === 'string' ? parseExpression(text, `${where}.expressionFrom`) : undefined;
};

function readSelector(selector: Given, where: string): (object: StageObject) => boolean {
  const labels = mapping(selector.matchLabels) as Record<string, string>;
  const annotations = Object.entries(mapping(selector.matchAnnotations));
  const labelled = compileLabelSelector({ matchLabels: labels });
  const requirements = list(selector.matchExpressions).map((requirement, i) =>
    readRequirement(requirement, `${where}.matchExpressions[${i}]`),
  );
  return (object) =>
    labelled.matches(object.metadata?.labels ?? {}) &&
    annotations.every(([key, value]) => object.metadata?.annotations?.[key] === value) &&
    requirements.every((isMet) => isMet(object));
}

function readRequirement(requirement: Given, where: string): (object: StageObject) => boolean {
  const { key, operator, values = [] } = requirement;
  const { expression: cel } = mapping(requirement.cel);
  if (typeof cel === 'string') return celRequirement(cel, `${where}.cel.expression`);
  if (typeof key !== 'string') throw new InputError(`${where}: key, an expression such as .status.phase, is missing`);
  const expression = parseExpression(key, `${where}.key`);
  const wanted = new Set((values as unknown[]).map(String));
  const isIn = (object: StageObject): boolean => expression(object).some((value) => wanted.has(String(value)));
  switch (operator) {
    case 'In':
      return isIn;
    case 'NotIn':
      return (object) => !isIn(object);
    case 'Exists':
      return (object) => expression(object).length > 0;
    case 'DoesNotExist':
      return (object) => expression(object).length === 0;
    default:
      throw new InputError(
        `${where}.operator: ${JSON.stringify(operator)}: In, NotIn, Exists or DoesNotExist is expected`,
      );
  }
}

/** What cannot be evaluated, as a field that is not there, is not met. */
function celRequirement(text: string, where: string): (object: StageObject) => boolean {
  let evaluate: ReturnType<typeof parseCel>;
  try {
    evaluate = parseCel(text);
  } catch (error) {
    throw new InputError(`${where}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
  return (object) => {
    try {
      return evaluate({ self: object }) === true;
    } catch {
      return false;
    }
  };
}

function readDelay(delay: Given, where: string): StageDelay {
  const milliseconds = (field: string): number | undefined => {
    const value = delay[field];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number' || value < 0)
      throw new InputError(`${where}.${field}: ${JSON.stringify(value)} is not a number from 0`);
    return value;
  };
  return {
    fromMs: milliseconds('durationMilliseconds') ?? 0,
    fromExpression: expressionFrom(delay.durationFrom, `${where}.durationFrom`),
    toMs: milliseconds('jitterDurationMilliseconds'),
    toExpression: expressionFrom(delay.jitterDurationFrom, `${where}.jitterDurationFrom`),
  };
}

/** Event and finalizers first, deletion last. */
function readNext(next: Given, where: string): StageStep[] {
  const steps: StageStep[] = [];
  if (next.event !== undefined) steps.push({ event: readEvent(mapping(next.event)) });
  if (next.finalizers !== undefined) steps.push({ finalizers: readFinalizers(mapping(next.finalizers)) });
  list(next.patches).forEach((patch, i) => {
    steps.push({ patch: readPatch(patch, `${where}.patches[${i}]`) });
  });
  if (typeof next.statusTemplate === 'string') {
    const template = parseTemplate(next.statusTemplate, STAGE_FUNCTIONS, `${where}.statusTemplate`);
    const subresource = String(next.statusSubresource ?? 'status');
    steps.push({ patch: { subresource, root: 'status', type: 'strategic', template } });
  }
  if (next.delete === true) steps.push({ isDeleted: true });
  return steps;
}

function readSteps(steps: unknown, where: string): StageStep[] {
  return list(steps).map((step, i) => {
    const place = `${where}: spec.steps[${i}]`;
    if (step.event !== undefined) return { event: readEvent(mapping(step.event)) };
    if (step.finalizers !== undefined) return { finalizers: readFinalizers(mapping(step.finalizers)) };
    if (step.patch !== undefined) return { patch: readPatch(mapping(step.patch), `${place}.patch`) };
    if (step.delete === true) return { isDeleted: true };
    const { template } = mapping(step.apply);
    if (typeof template !== 'string') {
      throw new InputError(`${place}: event, finalizers, patch, apply or delete is expected`);
    }
    return { apply: parseTemplate(template, STAGE_FUNCTIONS, `${place}.apply.template`) };
  });
}

const readEvent = ({ type, reason = '', message = '' }: Given): StageEvent => ({
  type: type === 'Warning' ? 'Warning' : 'Normal',
  reason: String(reason),
  message: String(message),
});

const readFinalizers = ({ add, remove, empty }: Given): StageFinalizers => ({
  add: list(add).map(({ value }) => String(value)),
  remove: list(remove).map(({ value }) => String(value)),
  isEmptied: empty === true,
});

function readPatch(patch: Given, where: string): StagePatch {
  const { subresource = '', root = '', template, type = 'merge' } = patch;
  if (typeof template !== 'string') throw new InputError(`${where}: template is missing`);
  if (type !== 'json' && type !== 'merge' && type !== 'strategic') {
    throw new InputError(`${where}.type: ${JSON.stringify(type)}: json, merge or strategic is expected`);
  }
  return {
    subresource: String(subresource),
    root: String(root),
    type,
    template: parseTemplate(template, STAGE_FUNCTIONS, `${where}.template`),
  };
}
