/** Runs a parsed template. Source: `text/template/exec.go`, Go 1.26. */
import { FUNCTIONS } from './functions.ts';
import type { Command, Node, Operand, Pipe } from './parse.ts';
import { TemplateError } from './scan.ts';
import {
  isList,
  isMap,
  isTrue,
  printed,
  printedResult,
  type TemplateData,
  type TemplateValue,
  typeOf,
} from './value.ts';

/** Throws TemplateError. */
export function execute(nodes: readonly Node[], data: TemplateData): string {
  const execution = new Execution(data);
  execution.list(nodes, data);
  return execution.output;
}

export const isFunctionName = (name: string): boolean => name === 'and' || name === 'or' || FUNCTIONS.has(name);

interface Variable {
  readonly name: string;
  value: TemplateValue;
}

type Branching = Extract<Node, { readonly body: unknown }>;
type Flow = 'break' | 'continue' | undefined;

class Execution {
  output = '';
  private readonly variables: Variable[];

  constructor(data: TemplateData) {
    this.variables = [{ name: '$', value: data }];
  }

  list(nodes: readonly Node[], dot: TemplateValue): Flow {
    for (const node of nodes) {
      const flow = this.node(node, dot);
      if (flow !== undefined) return flow;
    }
    return undefined;
  }

  private node(node: Node, dot: TemplateValue): Flow {
    if (node.kind === 'text') this.output += node.text;
    else if (node.kind === 'print') {
      const value = this.pipe(node.pipe, dot);
      if (node.pipe.variables.length === 0) this.output += printedResult(value);
    } else if ('body' in node) return this.branches(node, dot);
    else return node.kind;
    return undefined;
  }

  private branches(node: Branching, dot: TemplateValue): Flow {
    const depth = this.variables.length;
    const flow = node.kind === 'range' ? this.range(node, dot) : this.condition(node, dot);
    this.variables.length = depth;
    return flow;
  }

  private condition(node: Branching, dot: TemplateValue): Flow {
    const value = this.pipe(node.pipe, dot);
    if (!isTrue(value)) return this.list(node.otherwise, dot);
    return this.list(node.body, node.kind === 'with' ? value : dot);
  }

  private range(node: Branching, dot: TemplateValue): Flow {
    const { pipe, body, otherwise } = node;
    const over = this.pipe(pipe, dot, true);
    const depth = this.variables.length;
    let isEmpty = true;
    for (const [key, element] of itemsOf(over, pipe)) {
      isEmpty = false;
      this.declareItem(pipe, key, element);
      const flow = this.list(body, element);
      this.variables.length = depth;
      if (flow === 'break') break;
    }
    return isEmpty ? this.list(otherwise, dot) : undefined;
  }

  private declareItem({ variables, isAssignment }: Pipe, key: TemplateValue, element: TemplateValue): void {
    const values = variables.length === 1 ? [element] : [key, element];
    variables.forEach((name, i) => {
      if (isAssignment) this.variable(name).value = values[i];
      else this.variables.push({ name, value: values[i] });
    });
  }

  private pipe(pipe: Pipe, dot: TemplateValue, isRange = false): TemplateValue {
    let value: TemplateValue;
    pipe.commands.forEach((command, i) => {
      value = this.command(command, dot, i === 0 ? [] : [value]);
    });
    if (isRange) return value;
    for (const name of pipe.variables) {
      if (pipe.isAssignment) this.variable(name).value = value;
      else this.variables.push({ name, value });
    }
    return value;
  }

  private command({ operands, at }: Command, dot: TemplateValue, piped: readonly TemplateValue[]): TemplateValue {
    const [first, ...rest] = operands as [Operand, ...Operand[]];
    if (first.kind !== 'function') {
      if (rest.length + piped.length > 0)
        throw new TemplateError("can't give arguments to a value that is no function", at);
      return this.operand(first, dot, at);
    }
    if (first.name === 'and' || first.name === 'or') {
      return this.shortCircuit(
        first.name,
        rest.map((operand) => () => this.operand(operand, dot, at)),
        piped,
        at,
      );
    }
    const args = [...rest.map((operand) => this.operand(operand, dot, at)), ...piped];
    const { minArgs, maxArgs, call } = FUNCTIONS.get(first.name)!;
    if (args.length < minArgs || args.length > (maxArgs ?? args.length)) {
      const want = maxArgs === undefined ? `at least ${minArgs}` : String(minArgs);
      throw new TemplateError(`wrong number of args for ${first.name}: want ${want} got ${args.length}`, at);
    }
    try {
      return call(args);
    } catch (error) {
      throw new TemplateError(`error calling ${first.name}: ${(error as Error).message}`, at);
    }
  }

  /** The first argument that settles it, else the last. */
  private shortCircuit(
    name: 'and' | 'or',
    operands: ReadonlyArray<() => TemplateValue>,
    piped: readonly TemplateValue[],
    at: number,
  ): TemplateValue {
    const all = [...operands, ...piped.map((value) => () => value)];
    if (all.length === 0) throw new TemplateError(`wrong number of args for ${name}: want at least 1 got 0`, at);
    let value: TemplateValue;
    for (const compute of all) {
      value = compute();
      if (isTrue(value) === (name === 'or')) return value;
    }
    return value;
  }

  private operand(operand: Operand, dot: TemplateValue, at: number): TemplateValue {
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'constant':
        return operand.value;
      case 'field':
        return fieldOf(dot, operand.fields, at);
      case 'variable':
        return fieldOf(this.variable(operand.name).value, operand.fields, at);
      case 'pipe':
        return fieldOf(this.pipe(operand.pipe, dot), operand.fields, at);
      case 'function':
        return this.command({ operands: [operand], at }, dot, []);
    }
  }

  private variable(name: string): Variable {
    return this.variables.findLast((variable) => variable.name === name)!;
  }
}

function fieldOf(value: TemplateValue, fields: readonly string[], at: number): TemplateValue {
  let current = value;
  for (const field of fields) {
    if (current === undefined || current === null) {
      throw new TemplateError(`nil data; no entry for key ${JSON.stringify(field)}`, at);
    }
    if (!isMap(current)) throw new TemplateError(`can't evaluate field ${field} in type ${typeOf(current)}`, at);
    current = Object.hasOwn(current, field) ? current[field] : undefined;
  }
  return current;
}

function* itemsOf(over: TemplateValue, { variables, at }: Pipe): Generator<readonly [TemplateValue, TemplateValue]> {
  if (typeof over === 'bigint') {
    if (variables.length > 1)
      throw new TemplateError(`can't use ${printed(over)} to iterate over more than one variable`, at);
    for (let i = 0n; i < over; i++) yield [i, i];
  } else if (isList(over)) {
    for (const [i, element] of over.entries()) yield [BigInt(i), element];
  } else if (isMap(over)) {
    for (const key of Object.keys(over).sort()) yield [key, over[key]];
  } else if (over !== undefined && over !== null) {
    throw new TemplateError(`range can't iterate over ${printed(over)}`, at);
  }
}
