/** Bearer tokens that stand in a file, and the one that an administrator gets at the first start. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { InputError } from '../../../../api/index.ts';
import type { UserInfo } from '../../request-context.ts';

export const AUTHENTICATED = 'system:authenticated';

export const newToken = (): string => randomBytes(32).toString('base64url');

/** Tokens are kept and compared by their hash: how long it takes tells nothing of them. */
export class StaticTokens {
  private readonly users: { readonly hash: Buffer; readonly user: UserInfo }[] = [];

  add(token: string, user: UserInfo): void {
    this.users.push({ hash: hashOf(token), user: withAuthenticated(user) });
  }

  userOf(token: string): UserInfo | undefined {
    const hash = hashOf(token);
    let found: UserInfo | undefined;
    for (const each of this.users) if (timingSafeEqual(each.hash, hash)) found = each.user;
    return found;
  }
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

export const withAuthenticated = (user: UserInfo): UserInfo => ({
  ...user,
  groups: [...(user.groups ?? []).filter((group) => group !== AUTHENTICATED), AUTHENTICATED],
});

/**
 * A file of `token,user,uid,"group1,group2"`, a line each.
 * Source: `apiserver/pkg/authentication/token/tokenfile/tokenfile.go`, v0.37.2.
 */
export function readTokenFile(text: string, file: string, into: StaticTokens): void {
  let rows: string[][];
  try {
    rows = parse(text, { relaxColumnCount: true, skipEmptyLines: true, trim: true });
  } catch (error) {
    throw new InputError(`${file}: ${(error as Error).message}`);
  }
  for (const [i, [token = '', username = '', uid = '', groups = '']] of rows.entries()) {
    if (token === '' || username === '' || uid === '') {
      throw new InputError(`${file}:${i + 1}: a line is token,user,uid and perhaps "group1,group2"`);
    }
    into.add(token, {
      username,
      uid,
      groups: groups
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== ''),
    });
  }
}
