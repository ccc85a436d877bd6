import { describe, expect, it } from 'vitest';
import { ApiFailure } from '../../failures.ts';
import type { RequestAttributes, UserInfo } from '../../request-context.ts';
import { impersonated, impersonates } from './impersonation.ts';

const BOB: UserInfo = { username: 'bob' };

/** Headers as Node has them: joined by name, and one by one. */
function ask(rawHeaders: string[], mayNot = ''): { user: UserInfo; asked: string[] } {
  const headers: Record<string, string> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) headers[rawHeaders[i]!.toLowerCase()] = rawHeaders[i + 1]!;
  const asked: string[] = [];
  const authorize = (_: UserInfo, { resource, subresource, namespace, name }: RequestAttributes) => {
    asked.push([namespace, resource, subresource, name].filter((part) => part !== '').join('/'));
    return resource === mayNot ? '' : undefined;
  };
  return { user: impersonated(BOB, headers, rawHeaders, authorize), asked };
}

describe('impersonation', () => {
  it('is asked for by its headers alone', () => {
    expect(impersonates({ 'impersonate-user': 'jane' })).toBe(true);
    expect(impersonates({ 'user-agent': 'kubectl' })).toBe(false);
  });

  it.each([
    [['Impersonate-User', 'jane'], { username: 'jane', groups: ['system:authenticated'] }, ['users/jane']],
    [
      ['Impersonate-User', 'jane', 'Impersonate-Group', 'dev', 'Impersonate-Group', 'ops', 'Impersonate-Uid', 'u1'],
      { username: 'jane', uid: 'u1', groups: ['dev', 'ops', 'system:authenticated'] },
      ['users/jane', 'groups/dev', 'groups/ops', 'uids/u1'],
    ],
    [
      ['Impersonate-User', 'system:serviceaccount:ns:robot'],
      {
        username: 'system:serviceaccount:ns:robot',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
      },
      ['ns/serviceaccounts/robot'],
    ],
    [
      ['Impersonate-User', 'system:anonymous'],
      { username: 'system:anonymous', groups: ['system:unauthenticated'] },
      ['users/system:anonymous'],
    ],
    [
      ['Impersonate-User', 'jane', 'Impersonate-Extra-Acme.com%2Fproject', 'p1'],
      { username: 'jane', groups: ['system:authenticated'], extra: { 'acme.com/project': ['p1'] } },
      ['users/jane', 'userextras/acme.com/project/p1'],
    ],
  ])('%j', (headers, user, asked) => {
    expect(ask(headers)).toEqual({ user, asked });
  });

  it.each([
    [['Impersonate-Group', 'dev'], '', 400, /without impersonating a user name/],
    [
      ['Impersonate-User', 'jane'],
      'users',
      403,
      /^users "jane" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope$/,
    ],
    [['Impersonate-User', 'jane', 'Impersonate-Group', 'system:masters'], 'groups', 403, /^groups "system:masters"/],
  ])('%j is refused', (headers, mayNot, code, message) => {
    let status: ApiFailure['status'] | undefined;
    try {
      ask(headers, mayNot);
    } catch (error) {
      if (error instanceof ApiFailure) status = error.status;
    }
    expect(status).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
