/**
 * Expressions, parsed by mathjs and let through only where every part is arithmetic, a listed function or a documented
 * variable: nothing that is let through can name anything else, assign, or run for longer than it is long.
 */
import { type MathNode, parse } from 'mathjs/number';
import { CONSTANTS, FUNCTIONS, LABEL_FUNCTIONS, NODE_VARIABLES, POD_VARIABLES } from './variables.ts';

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'node' | 'pod'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: '-' | '!'; readonly of: Expression }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'choice'; readonly condition: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'label'; readonly name: string; readonly texts: readonly string[] };

const LENGTH_MAX = 2000;
/** The parser and the checks go as deep as an expression is nested. */
const NESTING_MAX = 50;

/** mathjs' names of operators that are let through, and what they are called here. */
const BINARY: Readonly<Record<string, string>> = {
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
  mod: '%',
  pow: '^',
  smaller: '<',
  smallerEq: '<=',
  larger: '>',
  largerEq: '>=',
  equal: '==',
  unequal: '!=',
  and: 'and',
  or: 'or',
};

/** Why an expression is refused: what, where (1-based column), and what would be right. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/** Throws ExpressionError. */
export function parseExpression(text: string): Expression {
  if (text.length > LENGTH_MAX)
    throw new ExpressionError(`${text.length} characters, and at most ${LENGTH_MAX} are allowed`);
  checkNesting(text);
  let root: MathNode;
  try {
    root = parse(text);
  } catch (error) {
    const { message, char } = error as Error & { readonly char?: number };
    throw new ExpressionError(
      char === undefined ? message : `column ${char}: ${message.replace(/ \(char \d+\)$/, '')}`,
    );
  }
  return new Checker(text).check(root);
}

function checkNesting(text: string): void {
  let depth = 0;
  let signs = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    signs = '+-~!^?'.includes(character) ? signs + 1 : character === ' ' ? signs : 0;
    if (depth > NESTING_MAX || signs > NESTING_MAX) {
      throw new ExpressionError(`column ${i + 1}: nested deeper than ${NESTING_MAX}`);
    }
  }
}

/** The fields of mathjs' nodes that are read here. */
interface Parts {
  readonly type: string;
  readonly name?: string;
  readonly value?: unknown;
  readonly op?: string;
  readonly fn?: string | { readonly name?: string; readonly type?: string };
  readonly args?: readonly MathNode[];
  readonly content?: MathNode;
  readonly condition?: MathNode;
  readonly trueExpr?: MathNode;
  readonly falseExpr?: MathNode;
  readonly conditionals?: readonly string[];
  readonly params?: readonly MathNode[];
}

class Checker {
  private readonly text: string;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  check(node: MathNode): Expression {
    if (++this.depth > 10 * NESTING_MAX) throw new ExpressionError(`nested deeper than ${10 * NESTING_MAX}`);
    const checked = this.convert(node, node as unknown as Parts);
    this.depth--;
    return checked;
  }

  private convert(node: MathNode, parts: Parts): Expression {
    switch (parts.type) {
      case 'ConstantNode':
        return this.constant(parts.value);
      case 'SymbolNode':
        return this.symbol(parts.name!);
      case 'ParenthesisNode':
        return this.check(parts.content!);
      case 'ConditionalNode':
        return {
          kind: 'choice',
          condition: this.check(parts.condition!),
          yes: this.check(parts.trueExpr!),
          no: this.check(parts.falseExpr!),
        };
      case 'OperatorNode':
        return this.operator(parts);
      case 'RelationalNode':
        return this.chain(parts);
      case 'FunctionNode':
        return this.call(parts);
      default:
        throw this.refused(node.toString(), NOT_ALLOWED[parts.type] ?? 'this is not arithmetic');
    }
  }

  private constant(value: unknown): Expression {
    if (typeof value === 'boolean') return { kind: 'number', value: value ? 1 : 0 };
    if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'number', value };
    throw this.refused(String(value), 'a finite number is expected');
  }

  private symbol(name: string): Expression {
    if (Object.hasOwn(CONSTANTS, name)) return { kind: 'number', value: CONSTANTS[name]! };
    if (Object.hasOwn(NODE_VARIABLES, name)) return { kind: 'node', name };
    if (Object.hasOwn(POD_VARIABLES, name)) return { kind: 'pod', name };
    const known = [...Object.keys(NODE_VARIABLES), ...Object.keys(POD_VARIABLES)].join(', ');
    throw this.refused(name, `there is no such variable; there are ${known}`);
  }

  private operator({ op = '', fn, args = [] }: Parts): Expression {
    if (args.length === 1) {
      if (fn === 'unaryMinus') return { kind: 'unary', operator: '-', of: this.check(args[0]!) };
      if (fn === 'unaryPlus') return this.check(args[0]!);
      if (fn === 'not') return { kind: 'unary', operator: '!', of: this.check(args[0]!) };
    }
    const operator = typeof fn === 'string' && Object.hasOwn(BINARY, fn) ? BINARY[fn] : undefined;
    if (operator === undefined || args.length !== 2) {
      throw this.refused(op, 'there is no such operator; there are + - * / % ^ < <= > >= == != and or not ?:');
    }
    return { kind: 'binary', operator, left: this.check(args[0]!), right: this.check(args[1]!) };
  }

  /** `a < b <= c`: all of them hold. */
  private chain({ conditionals = [], params = [] }: Parts): Expression {
    const operands = params.map((param) => this.check(param));
    return conditionals
      .map((conditional, i): Expression => {
        return { kind: 'binary', operator: BINARY[conditional]!, left: operands[i]!, right: operands[i + 1]! };
      })
      .reduce((left, right) => ({ kind: 'binary', operator: 'and', left, right }));
  }

  private call({ fn, args = [] }: Parts): Expression {
    const name = typeof fn === 'object' && fn.type === 'SymbolNode' ? fn.name! : '';
    if (Object.hasOwn(LABEL_FUNCTIONS, name)) return this.label(name, args);
    if (!Object.hasOwn(FUNCTIONS, name)) {
      const known = [...Object.keys(FUNCTIONS), ...Object.keys(LABEL_FUNCTIONS)].join(', ');
      throw this.refused(name === '' ? '(' : name, `there is no such function; there are ${known}`);
    }
    const [least, most] = FUNCTIONS[name]!;
    if (args.length < least || args.length > most) {
      const count = least === most ? `${least}` : `${least} to ${most}`;
      throw this.refused(
        name,
        `${name} takes ${count} ${most === 1 ? 'argument' : 'arguments'}, and this has ${args.length}`,
      );
    }
    return { kind: 'call', name, args: args.map((arg) => this.check(arg)) };
  }

  private label(name: string, args: readonly MathNode[]): Expression {
    const texts = args.map((arg) => (arg as unknown as Parts).value);
    if (texts.length !== LABEL_FUNCTIONS[name] || !texts.every((text) => typeof text === 'string')) {
      const right = name === 'labelIs' ? 'labelIs("disk", "ssd")' : `${name}("disk")`;
      throw this.refused(name, `write it like ${right}`);
    }
    return { kind: 'label', name, texts: texts as string[] };
  }

  private refused(part: string, why: string): ExpressionError {
    const at = part === '' ? -1 : this.text.indexOf(part);
    const where = at < 0 ? '' : `column ${at + 1}: `;
    const shown = part.length > 40 ? `${part.slice(0, 39)}…` : part;
    return new ExpressionError(`${where}${JSON.stringify(shown)}: ${why}`);
  }
}

const NOT_ALLOWED: Readonly<Record<string, string>> = {
  AccessorNode: 'properties cannot be read',
  ArrayNode: 'there are no matrices',
  AssignmentNode: 'nothing can be assigned',
  BlockNode: 'one expression is expected, and these are several',
  FunctionAssignmentNode: 'no function can be defined',
  IndexNode: 'there are no indices',
  ObjectNode: 'there are no objects',
  RangeNode: 'there are no ranges',
};
