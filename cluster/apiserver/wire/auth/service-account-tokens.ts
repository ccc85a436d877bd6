/**
 * Tokens of service accounts: JWTs signed with a key of the server's, for a while.
 * Source: `pkg/serviceaccount/claims.go`, v1.37.2.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { exportJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { UserInfo } from '../../request-context.ts';
import { serviceAccountUser } from './rbac.ts';
import { withAuthenticated } from './tokens.ts';

export const DEFAULT_AUDIENCE = 'https://kubernetes.default.svc.cluster.local';
const ALGORITHM = 'ES256';
const CACHED_MAX = 10_000;

export interface TokenFor {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly pod?: { readonly name: string; readonly uid: string };
}

/** What the token says of itself, under upstream's names. */
interface Claims extends JWTPayload {
  readonly 'kubernetes.io'?: {
    readonly namespace?: string;
    readonly serviceaccount?: { readonly name?: string; readonly uid?: string };
    readonly pod?: { readonly name?: string; readonly uid?: string };
  };
}

/** PEM of a new private key. */
export const newSigningKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

/** Whether a service account by that UID is there still; a token of one that is gone is nobody's. */
export type StillThere = (namespace: string, name: string, uid: string) => boolean;

export class ServiceAccountTokens {
  private readonly key: KeyObject;
  private readonly publicKey: KeyObject;
  private readonly keyId: string;
  private readonly issuer: string;
  private readonly isThere: StillThere;
  private readonly nowMs: () => number;
  private readonly known = new Map<string, { readonly claims: Claims; readonly user: UserInfo }>();

  constructor(privateKeyPem: string, issuer: string, isThere: StillThere, nowMs: () => number) {
    this.key = createPrivateKey(privateKeyPem);
    this.publicKey = createPublicKey(this.key);
    this.issuer = issuer;
    this.isThere = isThere;
    this.nowMs = nowMs;
    const der = this.publicKey.export({ type: 'spki', format: 'der' });
    this.keyId = createHash('sha256').update(der).digest('base64url');
  }

  async sign({ namespace, name, uid, audiences, expirationSeconds, pod }: TokenFor): Promise<string> {
    const nowS = Math.floor(this.nowMs() / 1000);
    return await new SignJWT({
      'kubernetes.io': { namespace, serviceaccount: { name, uid }, ...(pod === undefined ? {} : { pod }) },
    })
      .setProtectedHeader({ alg: ALGORITHM, kid: this.keyId })
      .setIssuer(this.issuer)
      .setAudience([...audiences])
      .setSubject(serviceAccountUser(namespace, name))
      .setIssuedAt(nowS)
      .setNotBefore(nowS)
      .setExpirationTime(nowS + expirationSeconds)
      .setJti(randomUUID())
      .sign(this.key);
  }

  /** @returns Undefined for a token that is not ours, is over, or is for others. */
  async userOf(token: string, audience = DEFAULT_AUDIENCE): Promise<UserInfo | undefined> {
    const known = this.known.get(token) ?? (await this.verified(token));
    if (known === undefined) return undefined;
    const { 'kubernetes.io': own = {}, exp = 0, nbf = 0, aud } = known.claims;
    const nowS = this.nowMs() / 1000;
    const isFor = Array.isArray(aud) ? aud.includes(audience) : aud === audience;
    const { namespace = '', serviceaccount: { name = '', uid = '' } = {} } = own;
    if (nowS >= exp || nowS < nbf || !isFor || !this.isThere(namespace, name, uid)) return undefined;
    return known.user;
  }

  /** The signature is looked at once; times and audience every time. */
  private async verified(token: string): Promise<{ claims: Claims; user: UserInfo } | undefined> {
    try {
      const options = { issuer: this.issuer, algorithms: [ALGORITHM], currentDate: new Date(this.nowMs()) };
      const { payload } = await jwtVerify(token, this.publicKey, options);
      if (this.known.size >= CACHED_MAX) this.known.clear();
      const claims = payload as Claims;
      const known = { claims, user: userIn(claims) };
      this.known.set(token, known);
      return known;
    } catch {
      return undefined;
    }
  }

  async jwks(): Promise<{ keys: JWK[] }> {
    const key = await exportJWK(this.publicKey);
    return { keys: [{ ...key, use: 'sig', kid: this.keyId, alg: ALGORITHM }] };
  }
}

function userIn({ 'kubernetes.io': own = {}, jti }: Claims): UserInfo {
  const { namespace = '', serviceaccount: { name = '', uid = '' } = {}, pod } = own;
  return withAuthenticated({
    username: serviceAccountUser(namespace, name),
    uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra: {
      ...(jti === undefined ? {} : { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] }),
      ...(pod === undefined
        ? {}
        : {
            'authentication.kubernetes.io/pod-name': [pod.name ?? ''],
            'authentication.kubernetes.io/pod-uid': [pod.uid ?? ''],
          }),
    },
  });
}
