/**
 * Requests in somebody else's name (`kubectl --as`), for whoever may `impersonate` that user, its groups and the rest.
 * Source: `apiserver/pkg/endpoints/filters/impersonation`, v0.37.2.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { ApiFailure, badRequest, forbidden } from '../../failures.ts';
import type { Authorize, UserInfo } from '../../request-context.ts';

const USER = 'impersonate-user';
const GROUP = 'impersonate-group';
const UID = 'impersonate-uid';
const EXTRA = 'impersonate-extra-';
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
const AUTHENTICATION = 'authentication.k8s.io';

export const impersonates = (headers: IncomingHttpHeaders): boolean => {
  for (const name in headers) if (name.startsWith('impersonate-')) return true;
  return false;
};

/** Who the request is to be from. Throws ApiFailure: 400, 403. */
export function impersonated(
  requestor: UserInfo,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
  authorize: Authorize,
): UserInfo {
  const username = text(headers[USER]);
  if (username === '') {
    throw new ApiFailure(badRequest('a group, UID or extra is requested without impersonating a user name'));
  }
  const check = (group: string, resource: string, name: string, namespace = '', subresource = ''): void => {
    const attributes = { verb: 'impersonate', group, version: 'v1', resource, subresource, namespace, name };
    if (authorize(requestor, attributes) === undefined) return;
    const what = subresource === '' ? resource : `${resource}/${subresource}`;
    const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    const why = `User "${requestor.username}" cannot impersonate resource "${what}" in API group "${group}" ${where}`;
    throw new ApiFailure(forbidden({ group, resource }, name, why));
  };
  const account = SERVICE_ACCOUNT.exec(username);
  if (account === null) check('', 'users', username);
  else check('', 'serviceaccounts', account[2]!, account[1]!);
  const groups = valuesOf(rawHeaders, GROUP);
  for (const group of groups) check('', 'groups', group);
  const uid = text(headers[UID]);
  if (uid !== '') check(AUTHENTICATION, 'uids', uid);
  const extra = extraOf(rawHeaders);
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) check(AUTHENTICATION, 'userextras', value, '', key);
  }
  const own = groups.length > 0 || account === null ? groups : accountGroups(account[1]!);
  const every = username === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  return {
    username,
    groups: own.includes(every) ? own : [...own, every],
    ...(uid === '' ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

const accountGroups = (namespace: string): string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${namespace}`,
];

const text = (value: string | string[] | undefined): string => (Array.isArray(value) ? value[0]! : (value ?? ''));

/** Headers may come more than once; what Node has joined with commas is taken apart again only here. */
function valuesOf(rawHeaders: readonly string[], wanted: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() === wanted) values.push(rawHeaders[i + 1]!);
  }
  return values;
}

function extraOf(rawHeaders: readonly string[]): Record<string, string[]> {
  const extra = new Map<string, string[]>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    if (!name.startsWith(EXTRA)) continue;
    const key = unescaped(name.slice(EXTRA.length));
    extra.set(key, [...(extra.get(key) ?? []), rawHeaders[i + 1]!]);
  }
  return Object.fromEntries(extra);
}

/** Keys are written with percent signs where a header could not hold them. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
