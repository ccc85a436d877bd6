/**
 * The CEL environment of device selectors: the variable `device`, and the functions of Kubernetes that selectors use.
 * Parsing and evaluation are `@marcbachmann/cel-js`; where it differs from cel-go is in `docs/dynamic-resources.md`.
 * Source: `dynamic-resource-allocation/cel/compile.go`, v0.37.2.
 *
 * Cost: an expression is parsed and checked once; the values of a device are made once.
 */
import { type ASTNode, Environment, EvaluationError, serialize } from '@marcbachmann/cel-js';
import { type Device, type DeviceAttribute, parseQuantity } from '../../../api/index.ts';
import { CelQuantity, CelSemver, nanoOfInteger } from './cel-values.ts';

/** What an expression sees of one device. */
export interface DeviceVariables {
  readonly device: Readonly<Record<string, unknown>>;
}

export interface CelProgram {
  /** Why the expression cannot be used; it must then not be run. */
  readonly compileError?: string;
  /** Throws an Error with the text of the runtime error. */
  run(variables: DeviceVariables): boolean;
}

type Values = Map<string, unknown>;

const NO_VALUES: Values = new Map();

/** Domain → identifier → value. A domain that the device does not have reads as an empty one, but is not `in` the map. */
class Domains extends Map<string, Values> {
  override get(domain: string): Values {
    return super.get(domain) ?? NO_VALUES;
  }

  put(name: string, driver: string, value: unknown): void {
    const at = name.indexOf('/');
    const domain = at < 0 ? driver : name.slice(0, at);
    let values = super.get(domain);
    if (values === undefined) {
      values = new Map();
      this.set(domain, values);
    }
    values.set(name.slice(at + 1), value);
  }
}

/** Throws when an attribute cannot be read. */
export function deviceVariables(driver: string, device: Device): DeviceVariables {
  const attributes = new Domains();
  for (const [name, attribute] of Object.entries(device.attributes ?? {})) {
    try {
      attributes.put(name, driver, attributeValue(attribute));
    } catch (error) {
      throw new Error(`attribute ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const capacity = new Domains();
  for (const [name, { value }] of Object.entries(device.capacity ?? {})) {
    capacity.put(name, driver, new CelQuantity(parseQuantity(value)));
  }
  const allowMultipleAllocations = device.allowMultipleAllocations ?? false;
  return { device: { driver, allowMultipleAllocations, attributes, capacity } };
}

function attributeValue(attribute: DeviceAttribute): unknown {
  if (attribute.ints !== undefined) return attribute.ints.map(BigInt);
  if (attribute.bools !== undefined) return attribute.bools;
  if (attribute.strings !== undefined) return attribute.strings;
  if (attribute.versions !== undefined) return attribute.versions.map((text) => new CelSemver(text));
  if (attribute.int !== undefined) return BigInt(attribute.int);
  if (attribute.bool !== undefined) return attribute.bool;
  if (attribute.string !== undefined) return attribute.string;
  if (attribute.version !== undefined) return new CelSemver(attribute.version);
  throw new Error('unsupported attribute value');
}

const QUANTITY = 'kubernetes.Quantity';
const SEMVER = 'kubernetes.Semver';
const DOMAINS = 'kubernetes.Domains';
const DEVICE = 'kubernetes.DRADevice';

/** The library's own `has` takes no index on the way, as in `has(device.attributes["domain"].name)`. */
const HAS = 'berth_has';

const environment: Environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
  .registerType(QUANTITY, { ctor: CelQuantity, fields: {} })
  .registerType(SEMVER, { ctor: CelSemver, fields: {} })
  .registerType(DOMAINS, { ctor: Domains })
  .registerType(DEVICE, {
    fields: { driver: 'string', allowMultipleAllocations: 'bool', attributes: 'dyn', capacity: 'dyn' },
  })
  .registerVariable('device', DEVICE)
  .registerFunction(`${HAS}(ast): bool`, hasMacro)
  .registerFunction(`${DOMAINS}.size(): int`, (domains: Domains) => BigInt(domains.size))
  .registerFunction(`size(${DOMAINS}): int`, (domains: Domains) => BigInt(domains.size))
  .registerOperator(`string in ${DOMAINS}`, (domain: string, domains: Domains) => domains.has(domain));
registerQuantities();
registerVersions();

function registerQuantities(): void {
  const compare = (wanted: (order: bigint) => boolean) => (a: CelQuantity, b: CelQuantity) => wanted(a.compareTo(b));
  environment
    .registerFunction(`quantity(string): ${QUANTITY}`, (text: string) => CelQuantity.parse(text))
    .registerFunction('isQuantity(string): bool', (text: string) => CelQuantity.isValid(text))
    .registerFunction(`${QUANTITY}.sign(): int`, (a: CelQuantity) => a.sign())
    .registerFunction(`${QUANTITY}.isInteger(): bool`, (a: CelQuantity) => a.isInteger)
    .registerFunction(`${QUANTITY}.asInteger(): int`, (a: CelQuantity) => a.asInteger())
    .registerFunction(`${QUANTITY}.asApproximateFloat(): double`, (a: CelQuantity) => a.asApproximateFloat())
    .registerFunction(
      `${QUANTITY}.isGreaterThan(${QUANTITY}): bool`,
      compare((order) => order > 0n),
    )
    .registerFunction(
      `${QUANTITY}.isLessThan(${QUANTITY}): bool`,
      compare((order) => order < 0n),
    )
    .registerFunction(`${QUANTITY}.compareTo(${QUANTITY}): int`, (a: CelQuantity, b: CelQuantity) => a.compareTo(b))
    .registerFunction(`${QUANTITY}.add(${QUANTITY}): ${QUANTITY}`, (a: CelQuantity, b: CelQuantity) =>
      a.plus(b.quantity.nano),
    )
    .registerFunction(`${QUANTITY}.add(int): ${QUANTITY}`, (a: CelQuantity, b: bigint) => a.plus(nanoOfInteger(b)))
    .registerFunction(`${QUANTITY}.sub(${QUANTITY}): ${QUANTITY}`, (a: CelQuantity, b: CelQuantity) =>
      a.plus(-b.quantity.nano),
    )
    .registerFunction(`${QUANTITY}.sub(int): ${QUANTITY}`, (a: CelQuantity, b: bigint) => a.plus(-nanoOfInteger(b)))
    .registerOperator(`${QUANTITY} == ${QUANTITY}`, (a: CelQuantity, b: CelQuantity) => a.compareTo(b) === 0n);
}

function registerVersions(): void {
  const compare = (wanted: (order: bigint) => boolean) => (a: CelSemver, b: CelSemver) => wanted(a.compareTo(b));
  environment
    .registerFunction(`semver(string): ${SEMVER}`, (text: string) => new CelSemver(text))
    .registerFunction('isSemver(string): bool', (text: string) => CelSemver.isValid(text))
    .registerFunction(`${SEMVER}.major(): int`, (a: CelSemver) => a.major)
    .registerFunction(`${SEMVER}.minor(): int`, (a: CelSemver) => a.minor)
    .registerFunction(`${SEMVER}.patch(): int`, (a: CelSemver) => a.patch)
    .registerFunction(
      `${SEMVER}.isGreaterThan(${SEMVER}): bool`,
      compare((order) => order > 0n),
    )
    .registerFunction(
      `${SEMVER}.isLessThan(${SEMVER}): bool`,
      compare((order) => order < 0n),
    )
    .registerFunction(`${SEMVER}.compareTo(${SEMVER}): int`, (a: CelSemver, b: CelSemver) => a.compareTo(b))
    .registerOperator(`${SEMVER} == ${SEMVER}`, (a: CelSemver, b: CelSemver) => a.compareTo(b) === 0n);
}

// --- has -------------------------------------------------------------------------------------------------------------

/** What the library hands to macros, as far as `has` needs it. */
interface Checker {
  check(node: ASTNode, context: unknown): unknown;
  createError(code: string, message: string, node: ASTNode): Error;
  getType(name: string): unknown;
}
interface Evaluator {
  run(node: ASTNode, context: unknown): unknown;
  debugType(value: unknown): { fieldLazy(value: unknown, field: string, node: ASTNode, evaluator: Evaluator): unknown };
}

function hasMacro({ args }: { readonly args: readonly ASTNode[] }): object {
  const selected = args[0]!;
  const [target, field] = selected.args as unknown as [ASTNode, string];
  return {
    args,
    async: false,
    typeCheck(checker: Checker, _macro: unknown, context: unknown): unknown {
      if (selected.op !== '.') {
        throw checker.createError('invalid_macro_argument', 'invalid argument to has() macro', selected);
      }
      checker.check(target, context);
      return checker.getType('bool');
    },
    evaluate(evaluator: Evaluator, _macro: unknown, context: unknown): boolean {
      const value = evaluator.run(target, context);
      return evaluator.debugType(value).fieldLazy(value, field, selected, evaluator) !== undefined;
    },
  };
}

/** Calls of `has` renamed, wherever they are in the tree. */
function withOwnHas(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    value.forEach(withOwnHas);
    return;
  }
  const { op, args } = value as { op?: string; args?: unknown };
  if (op === 'call' && Array.isArray(args) && args[0] === 'has') args[0] = HAS;
  if (args !== undefined) withOwnHas(args);
}

// --- programs --------------------------------------------------------------------------------------------------------

const programs = new Map<string, CelProgram>();
const PROGRAM_LIMIT = 1000;

export function compileExpression(expression: string): CelProgram {
  let program = programs.get(expression);
  if (program === undefined) {
    program = compile(expression);
    if (programs.size >= PROGRAM_LIMIT) programs.clear();
    programs.set(expression, program);
  }
  return program;
}

function compile(expression: string): CelProgram {
  try {
    const { ast } = environment.parse(expression);
    withOwnHas(ast);
    const parsed = environment.parse(serialize(ast));
    const { valid, type = '', error } = parsed.check();
    if (!valid) return unusable(`compilation failed: ${error?.summary ?? ''}`);
    if (type !== 'bool' && type !== 'dyn') return unusable(`must evaluate to bool or the unknown type, not ${type}`);
    return { run: (variables) => asBool(evaluate(parsed, variables)) };
  } catch (error) {
    return unusable(`compilation failed: ${summaryOf(error)}`);
  }
}

function unusable(compileError: string): CelProgram {
  return {
    compileError,
    run: () => {
      throw new Error(compileError);
    },
  };
}

function evaluate(run: (context: Record<string, unknown>) => unknown, variables: DeviceVariables): unknown {
  try {
    return run(variables as unknown as Record<string, unknown>);
  } catch (error) {
    throw new Error(runtimeText(error));
  }
}

function asBool(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new Error(
    `CEL result of type ${celTypeOf(value)} could not be converted to bool: type conversion error from '${celTypeOf(value)}' to 'bool'`,
  );
}

function celTypeOf(value: unknown): string {
  if (value instanceof CelQuantity) return QUANTITY;
  if (value instanceof CelSemver) return SEMVER;
  if (value instanceof Map) return 'map';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'bigint' ? 'int' : typeof value === 'number' ? 'double' : typeof value;
}

const NO_SUCH_KEY = /^No such key: (?!index)/;
const KEY_ADVICE =
  '. consider using CEL optional chaining (.? followed by orValue()) or guarding the check with has() for optional fields';

function runtimeText(error: unknown): string {
  const text = summaryOf(error);
  return NO_SUCH_KEY.test(text) ? `no such key: ${text.slice('No such key: '.length)}${KEY_ADVICE}` : text;
}

function summaryOf(error: unknown): string {
  if (error instanceof EvaluationError) return error.summary;
  if (!(error instanceof Error)) return String(error);
  return 'summary' in error && typeof error.summary === 'string' ? error.summary : error.message;
}
