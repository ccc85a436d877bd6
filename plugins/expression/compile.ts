/**
 * Expressions as one function by node row, fused over the columns that they name. The text of the function is made of
 * numbers, operators and names from our own tables alone; nothing of the user's text is in it.
 *
 * Cost per node: that of the same arithmetic written by hand.
 */
import type { ClusterView, Dependency, PodInfo } from '../../scheduler/plugin.ts';
import type { Expression } from './parse.ts';
import { NODE_VARIABLES, POD_VARIABLES } from './variables.ts';

export type RowFunction = (row: number) => number;

/** What the expression can be changed by, for the caches of the engine. */
export function dependencyOf(expression: Expression): Extract<Dependency, 'node' | 'usage'> {
  let depends: 'node' | 'usage' = 'node';
  visit(expression, (part) => {
    if (part.kind === 'node' && NODE_VARIABLES[part.name]!.dependsOn === 'usage') depends = 'usage';
  });
  return depends;
}

/** Whether an answer is another for pods that request something else. */
export function readsPod(expression: Expression): boolean {
  let reads = false;
  visit(expression, (part) => {
    if (part.kind === 'pod') reads = true;
  });
  return reads;
}

function visit(expression: Expression, see: (part: Expression) => void): void {
  see(expression);
  for (const part of partsOf(expression)) visit(part, see);
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'unary':
      return [expression.of];
    case 'binary':
      return [expression.left, expression.right];
    case 'choice':
      return [expression.condition, expression.yes, expression.no];
    case 'call':
      return expression.args;
    default:
      return [];
  }
}

/** Not a number where the arithmetic has no answer, such as 0 / 0. */
export function compileExpression(
  expression: Expression,
  pod: PodInfo,
  cluster: ClusterView,
  gpu: string,
): RowFunction {
  const build = new Builder(pod, cluster, gpu);
  const body = build.text(expression);
  const names = [...build.columns.keys()];
  // eslint-like tools warn of this; the text is ours from end to end, see above.
  const make = new Function(...names, `'use strict'; return (row) => ${body};`) as (
    ...columns: unknown[]
  ) => RowFunction;
  return make(...build.columns.values());
}

class Builder {
  /** What the function closes over, by the names that it has there. */
  readonly columns = new Map<string, unknown>();
  private readonly pod: PodInfo;
  private readonly cluster: ClusterView;
  private readonly gpu: string;

  constructor(pod: PodInfo, cluster: ClusterView, gpu: string) {
    this.pod = pod;
    this.cluster = cluster;
    this.gpu = gpu;
  }

  /** Booleans are 1 and 0, as in the expression's own language. */
  text(expression: Expression): string {
    switch (expression.kind) {
      case 'number':
        return number(expression.value);
      case 'pod':
        return number(POD_VARIABLES[expression.name]!.value(this.pod, this.gpu));
      case 'node':
        return this.column(expression.name);
      case 'unary':
        return expression.operator === '-' ? `(-${this.text(expression.of)})` : `(${this.test(expression.of)} ? 0 : 1)`;
      case 'choice':
        return `(${this.test(expression.condition)} ? ${this.text(expression.yes)} : ${this.text(expression.no)})`;
      case 'call':
        return `Math.${expression.name}(${expression.args.map((arg) => this.text(arg)).join(', ')})`;
      case 'label':
        return this.label(expression.name, expression.texts);
      case 'binary':
        return this.binary(expression);
    }
  }

  private test(expression: Expression): string {
    return `(${this.text(expression)} !== 0)`;
  }

  private binary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>): string {
    switch (operator) {
      case 'and':
        return `(${this.test(left)} && ${this.test(right)} ? 1 : 0)`;
      case 'or':
        return `(${this.test(left)} || ${this.test(right)} ? 1 : 0)`;
      case '^':
        return this.power(left, right);
      case '%': {
        // The sign is the divisor's, as in mathjs.
        this.columns.set('mod', (a: number, b: number) => (b === 0 ? a : a - b * Math.floor(a / b)));
        return `mod(${this.text(left)}, ${this.text(right)})`;
      }
      case '==':
      case '!=':
        return `(${this.text(left)} ${operator}= ${this.text(right)} ? 1 : 0)`;
      case '<':
      case '<=':
      case '>':
      case '>=':
        return `(${this.text(left)} ${operator} ${this.text(right)} ? 1 : 0)`;
      default:
        return `(${this.text(left)} ${operator} ${this.text(right)})`;
    }
  }

  /** Squares and cubes are multiplied out: a call of pow costs more than everything around it. */
  private power(left: Expression, right: Expression): string {
    if (right.kind === 'number' && (right.value === 2 || right.value === 3)) {
      this.columns.set('square', (x: number) => x * x);
      this.columns.set('cube', (x: number) => x * x * x);
      return `${right.value === 2 ? 'square' : 'cube'}(${this.text(left)})`;
    }
    return `Math.pow(${this.text(left)}, ${this.text(right)})`;
  }

  private column(name: string): string {
    const column = NODE_VARIABLES[name]!.column(this.cluster, this.gpu);
    if (column === undefined) return '0';
    this.columns.set(name, column);
    return `${name}[row]`;
  }

  private label(name: string, [key, value]: readonly string[]): string {
    const place = `label${this.columns.size}`;
    const ids = this.cluster.labelColumn(key!);
    const { cluster } = this;
    if (name === 'hasLabel') {
      this.columns.set(place, ids);
      return `(${place}[row] >= 0 ? 1 : 0)`;
    }
    // By id, so that a text is looked at once and not for every node.
    const known = new Map<number, number>([[-1, 0]]);
    const numberOf = (id: number): number => {
      const text = cluster.labelValue(id);
      if (name === 'labelIs') return text === value ? 1 : 0;
      const read = Number(text);
      return text.trim() === '' || !Number.isFinite(read) ? 0 : read;
    };
    this.columns.set(place, (row: number) => {
      const id = ids[row]!;
      let answer = known.get(id);
      if (answer === undefined) {
        answer = numberOf(id);
        known.set(id, answer);
      }
      return answer;
    });
    return `${place}(row)`;
  }
}

/** Parenthesised, since it may be negative. */
const number = (value: number): string => `(${Number.isFinite(value) ? String(value) : '0'})`;
