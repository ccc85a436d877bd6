/** What label keys and values may look like. Source: `apimachinery/pkg/api/validate/content`, v0.37.2. */

const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const DNS1123_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export const MAX_NAME_LENGTH = 63;
export const MAX_SUBDOMAIN_LENGTH = 253;

const QUALIFIED_NAME_TEXT =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
export const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const byteLength = (text: string): number => Buffer.byteLength(text);

export const isSubdomainText = (text: string): boolean => DNS1123_SUBDOMAIN.test(text);

/** Why a text is no DNS subdomain; empty when it is one. */
export function subdomainErrors(text: string): string[] {
  const errors: string[] = [];
  if (byteLength(text) > MAX_SUBDOMAIN_LENGTH) errors.push(`must be no more than ${MAX_SUBDOMAIN_LENGTH} bytes`);
  if (!isSubdomainText(text)) errors.push(SUBDOMAIN_TEXT);
  return errors;
}

/** Why a text is no label key or resource name (`prefix/name`); empty when it is one. */
export function labelKeyErrors(text: string): string[] {
  const parts = text.split('/');
  if (parts.length > 2) {
    return [
      "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
    ];
  }
  const errors: string[] = [];
  const name = parts.at(-1)!;
  if (parts.length === 2) {
    if (parts[0] === '') errors.push('prefix part must be non-empty');
    else errors.push(...subdomainErrors(parts[0]!).map((error) => `prefix part ${error}`));
  }
  if (name === '') errors.push('name part must be non-empty');
  else if (byteLength(name) > MAX_NAME_LENGTH) errors.push(`name part must be no more than ${MAX_NAME_LENGTH} bytes`);
  if (!QUALIFIED_NAME.test(name)) errors.push(QUALIFIED_NAME_TEXT);
  return errors;
}

/** Why a text is no label value; empty when it is one. */
export function labelValueErrors(text: string): string[] {
  const errors: string[] = [];
  if (byteLength(text) > MAX_NAME_LENGTH) errors.push(`must be no more than ${MAX_NAME_LENGTH} bytes`);
  if (!LABEL_VALUE.test(text)) errors.push(LABEL_VALUE_TEXT);
  return errors;
}
