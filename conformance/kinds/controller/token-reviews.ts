/** Tokens of service accounts, as the served API gives them: requests are checked at once, and signed later. */
import type { KubeObject } from '../../../api/index.ts';
import type { Reviews } from '../../../cluster/apiserver/index.ts';
import { reviewsOf } from '../../../cluster/apiserver/wire/auth/reviews.ts';
import { newSigningKey, ServiceAccountTokens } from '../../../cluster/apiserver/wire/auth/service-account-tokens.ts';
import type { Clock } from '../../../scheduler/clock.ts';

let signingKey: string | undefined;

export function tokenReviews(clock: Clock, find: (kind: string, name: string) => KubeObject | undefined): Reviews {
  signingKey ??= newSigningKey();
  const nowMs = (): number => clock.nowMs;
  const tokens = new ServiceAccountTokens(signingKey, 'https://kubernetes.default.svc', () => true, nowMs);
  const all = reviewsOf({
    authorize: undefined,
    mayAsk: () => true,
    rulesFor: () => [],
    authenticate: (token) => tokens.userOf(token),
    tokens,
    serviceAccount: (_, name) => find('ServiceAccount', name),
    pod: (_, name) => find('Pod', name),
    nowMs,
  });
  return { 'serviceaccounts/token': all['serviceaccounts/token']! };
}
