/**
 * What templates can call: Go's own functions, and those that scheduler_perf adds.
 * Source: `text/template/funcs.go`, Go 1.26; `getTemplateFuncs` in `test/integration/scheduler_perf/operations.go`, v1.37.2.
 */
import { isList, isMap, isTrue, printed, type TemplateValue, typeOf } from './value.ts';

export interface TemplateFunction {
  readonly minArgs: number;
  /** @default any number */
  readonly maxArgs?: number;
  /** Throws Error with the text of what is wrong. */
  call(args: readonly TemplateValue[]): TemplateValue;
}

// --- numbers ---------------------------------------------------------------------------------------------------------

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function toFloat(value: TemplateValue): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && NUMBER.test(value)) return Number(value);
  throw new Error(`cannot cast ${printed(value)} to float64`);
}

function toInt(value: TemplateValue): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return truncated(value);
  if (typeof value === 'string' && INTEGER.test(value)) return BigInt(value);
  throw new Error(`cannot cast ${printed(value)} to int`);
}

const truncated = (value: number): bigint => BigInt(Math.trunc(value));

const add = (args: readonly TemplateValue[]): number => args.reduce<number>((sum, arg) => sum + toFloat(arg), 0);
const multiply = (args: readonly TemplateValue[]): number => args.reduce<number>((all, arg) => all * toFloat(arg), 1);
const subtract = ([a, b]: readonly TemplateValue[]): number => toFloat(a) - toFloat(b);

function divide([a, b]: readonly TemplateValue[]): number {
  const dividend = toFloat(a);
  const divisor = toFloat(b);
  if (divisor === 0) throw new Error('division by zero');
  return dividend / divisor;
}

/** Both are whole numbers first. */
function modulo([a, b]: readonly TemplateValue[]): bigint {
  const dividend = truncated(toFloat(a));
  const divisor = truncated(toFloat(b));
  if (divisor === 0n) throw new Error('runtime error: integer divide by zero');
  return dividend % divisor;
}

const anyNumberOf = (call: TemplateFunction['call']): TemplateFunction => ({ minArgs: 0, call });
const taking = (count: number, call: TemplateFunction['call']): TemplateFunction => ({
  minArgs: count,
  maxArgs: count,
  call,
});

// --- JSON ------------------------------------------------------------------------------------------------------------

/** Keys in order; only the two line separators of Unicode are escaped beyond what JSON asks for. */
function toJson(value: TemplateValue): string {
  const text = JSON.stringify(value ?? null, (_, child: unknown) => {
    if (typeof child === 'bigint') return Number(child);
    if (typeof child !== 'object' || child === null || Array.isArray(child)) return child;
    return Object.fromEntries(Object.entries(child).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  return text.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

// --- comparisons -----------------------------------------------------------------------------------------------------

function checkComparable(a: TemplateValue, b: TemplateValue): void {
  if (typeOf(a) === typeOf(b)) return;
  throw new Error(`incompatible types for comparison: ${typeOf(a)} and ${typeOf(b)}`);
}

function isEqual(a: TemplateValue, b: TemplateValue): boolean {
  if (isList(a) || isMap(a) || isList(b) || isMap(b))
    throw new Error(`non-comparable types ${typeOf(a)}, ${typeOf(b)}`);
  const [left, right] = [a ?? undefined, b ?? undefined];
  if (left === undefined || right === undefined) return left === right;
  checkComparable(left, right);
  return left === right;
}

function isLess(a: TemplateValue, b: TemplateValue): boolean {
  checkComparable(a, b);
  if (typeof a === 'boolean' || typeof a === 'object' || a === undefined) {
    throw new Error(`invalid type for comparison: ${typeOf(a)}`);
  }
  return a < (b as typeof a);
}

// --- collections and texts -------------------------------------------------------------------------------------------

function lengthOf(value: TemplateValue): bigint {
  if (typeof value === 'string') return BigInt(new TextEncoder().encode(value).length);
  if (isList(value)) return BigInt(value.length);
  if (isMap(value)) return BigInt(Object.keys(value).length);
  throw new Error(`len of type ${typeOf(value)}`);
}

function itemOf(value: TemplateValue, key: TemplateValue): TemplateValue {
  if (isList(value)) {
    const index = Number(toInt(key));
    if (index < 0 || index >= value.length) throw new Error(`reflect: slice index out of range: ${index}`);
    return value[index];
  }
  if (isMap(value)) return Object.hasOwn(value, String(key)) ? value[String(key)] : undefined;
  throw new Error(`can't index item of type ${typeOf(value)}`);
}

const VERB = /%(-?)(0?)(\d*)([%dsvq])/g;

function format([pattern, ...args]: readonly TemplateValue[]): string {
  let next = 0;
  return String(pattern).replace(VERB, (_, left: string, zeros: string, width: string, verb: string) => {
    if (verb === '%') return '%';
    const arg = args[next++];
    const text = verb === 'q' ? JSON.stringify(printed(arg)) : printed(arg);
    return left !== '' ? text.padEnd(Number(width)) : text.padStart(Number(width), zeros === '' ? ' ' : '0');
  });
}

/** `and` and `or` are not among them: they do not compute all of their arguments. */
export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['AddFloat', anyNumberOf(add)],
  ['AddInt', anyNumberOf((args) => truncated(add(args)))],
  ['MultiplyFloat', anyNumberOf(multiply)],
  ['MultiplyInt', anyNumberOf((args) => truncated(multiply(args)))],
  ['SubtractFloat', taking(2, subtract)],
  ['SubtractInt', taking(2, (args) => truncated(subtract(args)))],
  ['DivideFloat', taking(2, divide)],
  ['DivideInt', taking(2, (args) => truncated(divide(args)))],
  ['Mod', taking(2, modulo)],
  ['Int', taking(1, ([value]) => toInt(value))],
  ['JSON', taking(1, ([value]) => toJson(value))],
  ['not', taking(1, ([value]) => !isTrue(value))],
  ['eq', { minArgs: 2, call: ([first, ...others]) => others.some((other) => isEqual(first, other)) }],
  ['ne', taking(2, ([a, b]) => !isEqual(a, b))],
  ['lt', taking(2, ([a, b]) => isLess(a, b))],
  ['le', taking(2, ([a, b]) => !isLess(b, a))],
  ['gt', taking(2, ([a, b]) => isLess(b, a))],
  ['ge', taking(2, ([a, b]) => !isLess(a, b))],
  ['len', taking(1, ([value]) => lengthOf(value))],
  ['index', { minArgs: 1, call: ([value, ...keys]) => keys.reduce(itemOf, value) }],
  ['print', anyNumberOf((args) => args.map(printed).join(''))],
  ['printf', { minArgs: 1, call: format }],
]);
