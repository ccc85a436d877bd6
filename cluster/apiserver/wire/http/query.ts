/** The options of a request, from its query. Source: `apimachinery/pkg/apis/meta/v1/types.go` (`*Options`), v0.37.2. */
import { type FieldError, invalidValue, notSupportedValue } from '../../../../api/index.ts';
import type { DeleteOptions, ListOptions, WatchOptions, WriteOptions } from '../../client.ts';
import { ApiFailure, badRequest, invalidOptions } from '../../failures.ts';
import { isJson } from '../patch/index.ts';

export function listOptions(query: URLSearchParams): ListOptions {
  return {
    labelSelector: text(query, 'labelSelector'),
    fieldSelector: text(query, 'fieldSelector'),
    limit: whole(query, 'limit'),
    continue: text(query, 'continue'),
    resourceVersion: text(query, 'resourceVersion'),
    resourceVersionMatch: text(query, 'resourceVersionMatch'),
  };
}

export function watchOptions(query: URLSearchParams): WatchOptions {
  const { limit: _, continue: __, ...options } = listOptions(query);
  return {
    ...options,
    allowWatchBookmarks: flag(query, 'allowWatchBookmarks'),
    sendInitialEvents: flag(query, 'sendInitialEvents'),
    timeoutSeconds: whole(query, 'timeoutSeconds'),
  };
}

export const wantsWatch = (query: URLSearchParams): boolean => flag(query, 'watch') === true;

/** Of a write whose query is empty. */
const PLAIN_WRITE: WriteOptions = { dryRun: false, fieldManager: '', fieldValidation: 'Warn', force: undefined };
const VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'];

/** @param kind `CreateOptions`, `UpdateOptions` or `PatchOptions`, for what is refused. */
export function writeOptions(query: URLSearchParams, kind: string): WriteOptions {
  if (query.size === 0) return PLAIN_WRITE;
  const errors: FieldError[] = [];
  const validation = query.get('fieldValidation') ?? '';
  if (!VALIDATIONS.includes(validation)) errors.push(notSupportedValue('fieldValidation', validation, VALIDATIONS));
  const fieldManager = query.get('fieldManager') ?? '';
  if (fieldManager.length > 128)
    errors.push(invalidValue('fieldManager', fieldManager, 'may not be more than 128 bytes'));
  const dryRun = isDryRun(query.getAll('dryRun'), errors);
  if (errors.length > 0) throw new ApiFailure(invalidOptions(kind, errors));
  return {
    dryRun,
    fieldManager,
    fieldValidation: validation === '' ? 'Warn' : (validation as WriteOptions['fieldValidation']),
    force: flag(query, 'force'),
  };
}

/** From the body, with what the query says winning. */
export function deleteOptions(query: URLSearchParams, body: unknown): DeleteOptions {
  const given = isJson(body) ? body : {};
  const errors: FieldError[] = [];
  const ofBody = Array.isArray(given.dryRun) ? given.dryRun.map(String) : [];
  const dryRun = isDryRun(query.has('dryRun') ? query.getAll('dryRun') : ofBody, errors);
  if (errors.length > 0) throw new ApiFailure(invalidOptions('DeleteOptions', errors));
  const grace = whole(query, 'gracePeriodSeconds') ?? given.gracePeriodSeconds;
  const options = {
    gracePeriodSeconds: grace,
    preconditions: given.preconditions,
    propagationPolicy: text(query, 'propagationPolicy') ?? given.propagationPolicy,
    orphanDependents: flag(query, 'orphanDependents') ?? given.orphanDependents,
    dryRun,
  };
  return options as DeleteOptions;
}

function isDryRun(values: readonly string[], errors: FieldError[]): boolean {
  const asked = values.filter((value) => value !== '');
  if (asked.some((value) => value !== 'All')) errors.push(notSupportedValue('dryRun', JSON.stringify(asked), ['All']));
  return asked.length > 0;
}

const text = (query: URLSearchParams, name: string): string | undefined => query.get(name) || undefined;

function whole(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === '') return undefined;
  if (!/^[-+]?\d{1,18}$/.test(value)) {
    throw new ApiFailure(badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`));
  }
  return Number(value);
}

/** Anything but `0` and `false` means yes, as upstream reads it. */
function flag(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  return value !== 'false' && value !== '0';
}
