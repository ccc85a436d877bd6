/** `resourceVersion` and `resourceVersionMatch` in requests. Source: `apimachinery/pkg/apis/meta/internalversion/validation`, v0.37.2. */
import { type FieldError, forbiddenValue, goQuote, notSupportedValue } from '../../../api/index.ts';
import type { ListOptions, WatchOptions } from '../client.ts';
import { ApiFailure, badRequest, invalidOptions } from '../failures.ts';

const MATCH = 'resourceVersionMatch';

/** 0 for none. Throws ApiFailure: 400. */
export function parseVersion(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  const why = /^\d+$/.test(text) ? (text.length > 19 ? 'value out of range' : undefined) : 'invalid syntax';
  if (why === undefined) return Number(text);
  const quoted = goQuote(text);
  throw new ApiFailure(
    badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${why}`,
    ),
  );
}

/** Throws ApiFailure: 422. */
export function checkListOptions(options: ListOptions): void {
  const { resourceVersion = '', resourceVersionMatch: match = '' } = options;
  if (match === '') return;
  const errors: FieldError[] = [];
  if (resourceVersion === '') {
    errors.push(forbiddenValue(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
  }
  if (options.continue) {
    errors.push(forbiddenValue(MATCH, 'resourceVersionMatch is forbidden when continue is provided'));
  }
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    errors.push(notSupportedValue(MATCH, match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && resourceVersion === '0') {
    errors.push(forbiddenValue(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (errors.length > 0) throw new ApiFailure(invalidOptions('ListOptions', errors));
}

/** Throws ApiFailure: 422. */
export function checkWatchOptions(options: WatchOptions): void {
  const { sendInitialEvents, resourceVersionMatch: match = '' } = options;
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(forbiddenValue(MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (match !== '') {
    if (sendInitialEvents === undefined) {
      const detail = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
      errors.push(forbiddenValue(MATCH, detail));
    }
    if (match !== 'NotOlderThan') errors.push(notSupportedValue(MATCH, match, ['NotOlderThan']));
  }
  if (errors.length > 0) throw new ApiFailure(invalidOptions('ListOptions', errors));
}
