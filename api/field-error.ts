/**
 * Errors that name a field, in Kubernetes' words, and Go's way of writing values in them. Source:
 * `apimachinery/pkg/util/validation/field/errors.go` and `apimachinery/pkg/util/errors/errors.go`, v0.37.2.
 */

export interface FieldError {
  readonly path: string;
  /** The whole line, path included. */
  readonly text: string;
}

/** A value already written out as it shall be shown. */
export class Rendered {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const line = (path: string, kind: string, value?: string, detail = ''): FieldError => ({
  path,
  text: `${path}: ${kind}${value === undefined ? '' : `: ${value}`}${detail === '' ? '' : `: ${detail}`}`,
});

const NOT_PRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\]/gu;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** A string as Go's `%q` writes it (`strconv.Quote`). */
export function goQuote(text: string): string {
  const escaped = text.replace(NOT_PRINTABLE, (character) => {
    const short = SHORT_ESCAPES[character];
    if (short !== undefined) return short;
    const code = character.codePointAt(0)!;
    const hex = code.toString(16);
    if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
  return `"${escaped}"`;
}

const HTML_SENSITIVE = /[<>&\u2028\u2029]/g;

/** A value as Go's `json.Marshal` writes it: like JSON.stringify, with `<`, `>` and `&` escaped. */
export function goJson(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.replace(HTML_SENSITIVE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** For values of Go's named string types (enumerations), which are shown as JSON rather than with `%q`. */
export const enumText = (value: string): Rendered => new Rendered(goJson(value));

/** Go's rendering of a bad value: strings quoted, numbers and booleans plain, everything else as JSON. */
export function showValue(value: unknown): string {
  if (value instanceof Rendered) return value.text;
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return goJson(value);
}

export const invalidValue = (path: string, value: unknown, detail: string): FieldError =>
  line(path, 'Invalid value', showValue(value), detail);

/** Where the value would say nothing. */
export const invalidHere = (path: string, detail: string): FieldError => line(path, 'Invalid value', undefined, detail);

/** The value has the wrong type; upstream words it like any other invalid value. */
export const typeInvalid = invalidValue;

export const requiredValue = (path: string, detail = ''): FieldError => line(path, 'Required value', undefined, detail);

export const duplicateValue = (path: string, value: unknown): FieldError =>
  line(path, 'Duplicate value', showValue(value));

export const forbiddenValue = (path: string, detail: string): FieldError => line(path, 'Forbidden', undefined, detail);

/** The supported values are listed in the order given. */
export const notSupportedValue = (path: string, value: unknown, supported: readonly string[]): FieldError =>
  line(
    path,
    'Unsupported value',
    showValue(value),
    supported.length === 0 ? '' : `supported values: ${supported.map(goQuote).join(', ')}`,
  );

/** Go's aggregate of errors: one alone as it is, several in brackets, repeats dropped. '' for none. */
export function aggregate(errors: ReadonlyArray<FieldError | string>): string {
  const texts = [...new Set(errors.map((error) => (typeof error === 'string' ? error : error.text)))];
  return texts.length === 1 ? texts[0]! : texts.length === 0 ? '' : `[${texts.join(', ')}]`;
}
