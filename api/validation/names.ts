/** Rules for names. Source: `apimachinery/pkg/util/validation/validation.go`, v0.37.2, which counts "characters" where label rules count "bytes". */
import { type FieldError, invalidValue } from '../field-error.ts';
import { isSubdomainText, MAX_SUBDOMAIN_LENGTH, SUBDOMAIN_TEXT } from '../label-rules.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const PORT_NAME = /^[-a-z0-9]+$/;
const MAX_LABEL_LENGTH = 63;
const MAX_PORT_NAME_LENGTH = 15;

const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
/** Why a text is no name of some sort; empty when it is one. */
export type NameRule = (text: string) => string[];

const tooLong = (name: string, length: number): string[] =>
  Buffer.byteLength(name) > length ? [`must be no more than ${length} characters`] : [];

export const isSubdomain: NameRule = (name) => [
  ...tooLong(name, MAX_SUBDOMAIN_LENGTH),
  ...(isSubdomainText(name) ? [] : [SUBDOMAIN_TEXT]),
];

export const isLabel: NameRule = (name) => {
  const errors = tooLong(name, MAX_LABEL_LENGTH);
  if (!LABEL.test(name)) errors.push(isSubdomainText(name) ? 'must not contain dots' : LABEL_TEXT);
  return errors;
};

export const isPortName: NameRule = (name) => {
  const errors = tooLong(name, MAX_PORT_NAME_LENGTH);
  if (!PORT_NAME.test(name)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) errors.push('must contain at least one letter (a-z)');
  if (name.includes('--')) errors.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
};

export const nameErrors = (path: string, name: string, rule: NameRule): FieldError[] =>
  rule(name).map((detail) => invalidValue(path, name, detail));
