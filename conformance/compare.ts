/**
 * Compares a result with the golden one, value by value, in the order of the golden file. Nothing is ignored: a field that
 * only one side has is a difference, and so is one that the shape does not know (it could not have been compared).
 *
 * Cost: O(size of the result), no allocation where both sides agree.
 */
import type { Shape } from './shape.ts';

/** Steps from the result's root: field names and list positions. */
export type Path = ReadonlyArray<string | number>;

export type DifferenceKind =
  /** Both sides have a value and the values differ. */
  | 'value'
  /** Only the golden result has it. */
  | 'missing'
  /** Only berth's result has it. */
  | 'extra'
  /** The golden file has a field that berth does not know: not compared. */
  | 'unknown'
  /** A number too large to be read exactly: not compared. */
  | 'inexact'
  /** berth failed on the case. */
  | 'crash';

export interface Difference {
  readonly kind: DifferenceKind;
  readonly path: Path;
  readonly expected?: unknown;
  readonly got?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function compareValues(expected: unknown, got: unknown, shape: Shape): Difference[] {
  const comparison = new Comparison();
  comparison.compare(expected, got, shape);
  return comparison.differences;
}

class Comparison {
  readonly differences: Difference[] = [];
  private readonly path: Array<string | number> = [];

  compare(expected: unknown, got: unknown, shape: Shape): void {
    if (expected === undefined) this.report('extra', expected, got);
    else if (got === undefined) this.report('missing', expected, got);
    else if (Array.isArray(expected) && Array.isArray(got)) this.compareLists(expected, got, shape);
    else if (isObject(expected) && isObject(got)) this.compareObjects(expected, got, shape);
    else if (typeof expected === 'number' && Math.abs(expected) > Number.MAX_SAFE_INTEGER) {
      this.report('inexact', expected, got);
    } else if (expected !== got) this.report('value', expected, got);
  }

  private compareLists(expected: readonly unknown[], got: readonly unknown[], shape: Shape): void {
    const entry = entryShape(shape);
    if (entry === undefined) {
      this.report('unknown', expected, undefined);
      return;
    }
    const length = Math.max(expected.length, got.length);
    for (let i = 0; i < length; i++) this.step(i, expected[i], got[i], entry);
  }

  private compareObjects(expected: Fields, got: Fields, shape: Shape): void {
    for (const key of Object.keys(expected)) {
      const field = fieldShape(shape, key);
      if (field !== undefined) this.step(key, expected[key], got[key], field);
      else this.reportAt(key, 'unknown', expected[key], undefined);
    }
    for (const key of Object.keys(got)) {
      if (got[key] !== undefined && !Object.hasOwn(expected, key)) this.reportAt(key, 'extra', undefined, got[key]);
    }
  }

  private step(key: string | number, expected: unknown, got: unknown, shape: Shape): void {
    this.path.push(key);
    this.compare(expected, got, shape);
    this.path.pop();
  }

  private reportAt(key: string, kind: DifferenceKind, expected: unknown, got: unknown): void {
    this.path.push(key);
    this.report(kind, expected, got);
    this.path.pop();
  }

  private report(kind: DifferenceKind, expected: unknown, got: unknown): void {
    this.differences.push({ kind, path: [...this.path], expected, got });
  }
}

function entryShape(shape: Shape): Shape | undefined {
  if (shape === 'json') return 'json';
  return typeof shape === 'object' && 'list' in shape ? shape.list : undefined;
}

function fieldShape(shape: Shape, key: string): Shape | undefined {
  if (shape === 'json') return 'json';
  if (shape === 'value' || 'list' in shape) return undefined;
  if ('map' in shape) return shape.map;
  return Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
}
