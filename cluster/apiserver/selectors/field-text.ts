/**
 * Field selectors as a query has them: `spec.nodeName=n0,status.phase!=Failed`. Source:
 * `apimachinery/pkg/fields/selector.go`, v0.37.2.
 */
import { ApiFailure, badRequest } from '../failures.ts';

export interface FieldTerm {
  readonly field: string;
  readonly value: string;
  readonly isEqual: boolean;
}

/** Throws ApiFailure: 400. */
export function parseFieldSelector(selector: string): FieldTerm[] {
  const terms: FieldTerm[] = [];
  for (const part of splitTerms(selector).sort()) {
    if (part === '') continue;
    const split = /^(.*?)(!=|==|=)(.*)$/s.exec(part);
    if (split === null) throw refusal(`invalid selector: '${selector}'; can't understand '${part}'`);
    const [, field = '', operator, value = ''] = split;
    terms.push({ field, value: unescaped(value), isEqual: operator !== '!=' });
  }
  return terms;
}

/** At commas that no backslash hides. */
function splitTerms(selector: string): string[] {
  const terms: string[] = [];
  let from = 0;
  for (let at = 0; at < selector.length; at++) {
    if (selector[at] === '\\') at++;
    else if (selector[at] === ',') {
      terms.push(selector.slice(from, at));
      from = at + 1;
    }
  }
  terms.push(selector.slice(from));
  return terms;
}

function unescaped(value: string): string {
  if (!/[\\,=]/.test(value)) return value;
  let text = '';
  for (let at = 0; at < value.length; at++) {
    const character = value[at]!;
    if (character === ',' || character === '=') {
      // Go writes the number of the character.
      throw refusal(`invalid field selector: unescaped character in value: ${character.codePointAt(0)}`);
    }
    if (character !== '\\') text += character;
    else {
      const next = value[++at] ?? '';
      if (next !== '\\' && next !== ',' && next !== '=') {
        throw refusal(`invalid field selector: invalid escape sequence: \\${next}`);
      }
      text += next;
    }
  }
  return text;
}

const refusal = (why: string): ApiFailure => new ApiFailure(badRequest(why));
