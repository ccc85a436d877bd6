/** The values that templates compute with, and how Go prints them. Source: `fmt` and `text/template`, Go 1.26. */

/** Go's int is a bigint, its float64 a number; undefined is what a missing key gives. */
export type TemplateValue =
  | undefined
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly TemplateValue[]
  | { readonly [key: string]: TemplateValue };

/** What a template is executed with. */
export type TemplateData = Readonly<Record<string, TemplateValue>>;

export const isList = (value: TemplateValue): value is readonly TemplateValue[] => Array.isArray(value);

export const isMap = (value: TemplateValue): value is { readonly [key: string]: TemplateValue } =>
  typeof value === 'object' && value !== null && !isList(value);

/** Zero values and empty collections are false. */
export function isTrue(value: TemplateValue): boolean {
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** As Go's `%v` does within a collection, where nil has a name. */
export function printed(value: TemplateValue): string {
  if (value === undefined || value === null) return '<nil>';
  if (typeof value === 'number') return printedFloat(value);
  if (isList(value)) return `[${value.map(printed).join(' ')}]`;
  if (isMap(value)) {
    const entries = Object.keys(value).sort();
    return `map[${entries.map((key) => `${key}:${printed(value[key])}`).join(' ')}]`;
  }
  return String(value);
}

/** As an action prints its result. */
export const printedResult = (value: TemplateValue): string =>
  value === undefined || value === null ? '<no value>' : printed(value);

const FIRST_EXPONENT = 6;

/** The fewest digits that tell the number apart; with an exponent from a million on and below 0.0001. */
function printedFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [digits = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < FIRST_EXPONENT) return Object.is(value, -0) ? '-0' : String(value);
  const sign = exponent < 0 ? '-' : '+';
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Go's name of the type. */
export function typeOf(value: TemplateValue): string {
  if (value === undefined || value === null) return '<nil>';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return isList(value) ? '[]interface {}' : 'map[string]interface {}';
}
