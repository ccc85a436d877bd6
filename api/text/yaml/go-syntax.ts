/** A value as Go's `%#v` shows what go-yaml read; messages about keys hold such texts. */
import { goQuote } from '../../field-error.ts';
import { isList, NumberText, ObjectValue, type Value } from '../value.ts';

export function goSyntax(value: Value): string {
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof NumberText) return goNumber(value.text);
  if (isList(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (value instanceof ObjectValue) {
    const entries = value.entries.map(([key, child]) => `${goQuote(key)}:${goSyntax(child)}`);
    return `map[interface {}]interface {}{${entries.join(', ')}}`;
  }
  return '';
}

/** Go writes exponents with two digits at least. */
const goNumber = (text: string): string => text.replace(/e([-+]?)(\d)$/, 'e$10$2');
