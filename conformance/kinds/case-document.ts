/** What decision and configuration files have in common: a document of a case and its result, nothing else. */
import { isObject } from '../compare.ts';
import type { Document } from '../golden-file.ts';
import type { Golden } from './kind.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Undefined when the document is something else. */
export function caseAndResult({ case: testCase, result }: Document): Golden<Fields, Fields> | undefined {
  return isObject(testCase) && isObject(result) ? { case: testCase, result } : undefined;
}

/** Throws an Error that names the first field that nobody would look at. */
export function refuseUnknownFields(document: Document, testCase: Fields, caseFields: ReadonlySet<string>): void {
  const beside = Object.keys(document).find((field) => field !== 'case' && field !== 'result');
  if (beside !== undefined) throw new Error(`${beside}: berth does not know this field, so it is not compared`);
  const unknown = Object.keys(testCase).find((field) => !caseFields.has(field));
  if (unknown !== undefined)
    throw new Error(`case.${unknown}: berth does not know this field, so it cannot run the case`);
}
