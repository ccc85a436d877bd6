/**
 * Errors that name a field, in Kubernetes' words. Source: `apimachinery/pkg/util/validation/field/errors.go` and
 * `apimachinery/pkg/util/errors`, v0.37.2.
 */

export interface FieldError {
  readonly path: string;
  /** The whole line, path included. */
  readonly text: string;
}

const line = (path: string, kind: string, value?: string, detail = ''): FieldError => ({
  path,
  text: `${path}: ${kind}${value === undefined ? '' : `: ${value}`}${detail === '' ? '' : `: ${detail}`}`,
});

/** Go's rendering of a bad value: strings quoted, everything else as JSON. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return typeof value === 'object' || typeof value === 'string' ? JSON.stringify(value) : String(value);
}

export const invalidValue = (path: string, value: unknown, detail: string): FieldError =>
  line(path, 'Invalid value', showValue(value), detail);

export const requiredValue = (path: string, detail = ''): FieldError => line(path, 'Required value', undefined, detail);

export const duplicateValue = (path: string, value: unknown): FieldError =>
  line(path, 'Duplicate value', showValue(value));

export const forbiddenValue = (path: string, detail: string): FieldError => line(path, 'Forbidden', undefined, detail);

export const notSupportedValue = (path: string, value: unknown, supported: readonly string[]): FieldError =>
  line(
    path,
    'Unsupported value',
    showValue(value),
    supported.length === 0 ? '' : `supported values: ${supported.map((text) => JSON.stringify(text)).join(', ')}`,
  );

/** Go's aggregate of errors: one alone as it is, several in brackets, repeats dropped. '' for none. */
export function aggregate(errors: ReadonlyArray<FieldError | string>): string {
  const texts = [...new Set(errors.map((error) => (typeof error === 'string' ? error : error.text)))];
  return texts.length === 1 ? texts[0]! : texts.length === 0 ? '' : `[${texts.join(', ')}]`;
}
