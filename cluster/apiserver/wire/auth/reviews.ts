/** Kinds that are questions: who am I, may I, whose token is this; and tokens for service accounts. */
import type { KubeObject } from '../../../../api/index.ts';
import type { Review, ReviewRequest, Reviews, ServerAnswer } from '../../core.ts';
import { badRequest, conflict, internalError, invalid, notFound } from '../../failures.ts';
import type { Authorize, UserInfo } from '../../request-context.ts';
import { field, text, texts } from '../table/fields.ts';
import type { PolicyRule } from './rbac.ts';
import { DEFAULT_AUDIENCE, type ServiceAccountTokens } from './service-account-tokens.ts';

export interface ReviewSources {
  /** Undefined: everybody may do everything. */
  readonly authorize: Authorize | undefined;
  mayAsk(user: UserInfo, verb: string, path: string): boolean;
  rulesFor(user: UserInfo, namespace: string): Iterable<PolicyRule>;
  authenticate(token: string): UserInfo | undefined | Promise<UserInfo | undefined>;
  readonly tokens: ServiceAccountTokens | undefined;
  serviceAccount(namespace: string, name: string): KubeObject | undefined;
  pod(namespace: string, name: string): KubeObject | undefined;
  nowMs(): number;
}

const CREATED = 201;

export const reviewsOf = (sources: ReviewSources): Reviews => ({
  selfsubjectaccessreviews: accessReview(sources, ({ context }) => context.user),
  subjectaccessreviews: accessReview(sources, subjectOf),
  localsubjectaccessreviews: accessReview(sources, subjectOf),
  selfsubjectrulesreviews: rulesReview(sources),
  selfsubjectreviews: ({ context: { user }, object }, answer) => answered(answer, object, { userInfo: user }),
  tokenreviews: tokenReview(sources),
  'serviceaccounts/token': tokenRequest(sources),
});

function answered(answer: ServerAnswer<KubeObject>, object: KubeObject, status: object): void {
  answer(undefined, { ...object, metadata: object.metadata ?? {}, status } as KubeObject, CREATED);
}

function subjectOf({ object }: ReviewRequest): UserInfo {
  return { username: text(object, 'spec', 'user'), groups: texts(object, 'spec', 'groups') };
}

const accessReview =
  (sources: ReviewSources, who: (request: ReviewRequest) => UserInfo): Review =>
  (request, answer) => {
    const { object } = request;
    const asked = field(object, 'spec', 'resourceAttributes');
    const path = field(object, 'spec', 'nonResourceAttributes');
    if ((asked === undefined) === (path === undefined)) {
      const error = {
        path: 'spec.resourceAttributes',
        text: 'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
      };
      const status = invalid({ group: 'authorization.k8s.io', resource: object.kind ?? '' }, '', [error]);
      return answer(status, object, status.code);
    }
    const user = who(request);
    if (path !== undefined) {
      return answered(answer, object, { allowed: sources.mayAsk(user, text(path, 'verb'), text(path, 'path')) });
    }
    const attributes = {
      verb: text(asked, 'verb'),
      group: text(asked, 'group'),
      version: text(asked, 'version'),
      resource: text(asked, 'resource'),
      subresource: text(asked, 'subresource'),
      namespace: text(asked, 'namespace'),
      name: text(asked, 'name'),
    };
    answered(answer, object, { allowed: sources.authorize?.(user, attributes) === undefined });
  };

const rulesReview =
  (sources: ReviewSources): Review =>
  ({ context: { user }, object }, answer) => {
    const namespace = text(object, 'spec', 'namespace');
    if (namespace === '') {
      const status = badRequest('no namespace on request');
      return answer(status, object, status.code);
    }
    const isMaster = sources.authorize === undefined || user.groups?.includes('system:masters') === true;
    const everything: PolicyRule[] = [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ];
    const rules = isMaster ? everything : [...sources.rulesFor(user, namespace)];
    answered(answer, object, {
      resourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs === undefined),
      nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs }) =>
        nonResourceURLs === undefined ? [] : [{ verbs, nonResourceURLs }],
      ),
      incomplete: false,
    });
  };

const tokenReview =
  (sources: ReviewSources): Review =>
  ({ object }, answer) => {
    const token = text(object, 'spec', 'token');
    const audiences = texts(object, 'spec', 'audiences');
    const wanted = audiences.length === 0 || audiences.includes(DEFAULT_AUDIENCE) ? DEFAULT_AUDIENCE : audiences[0]!;
    void Promise.resolve(
      wanted === DEFAULT_AUDIENCE ? sources.authenticate(token) : sources.tokens?.userOf(token, wanted),
    ).then((user) => {
      if (user === undefined) answered(answer, object, { user: {}, error: 'invalid bearer token' });
      else answered(answer, object, { authenticated: true, user, audiences: [wanted] });
    });
  };

/** Source: `pkg/registry/core/serviceaccount/storage/token.go`, v1.37.2. */
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
const DEFAULT_SECONDS = 3600;

const tokenRequest =
  (sources: ReviewSources): Review =>
  ({ target: { namespace = '', name = '' }, object }, answer) => {
    const account = sources.serviceAccount(namespace, name);
    const refuse = (status: ReturnType<typeof badRequest>): void => answer(status, object, status.code);
    if (sources.tokens === undefined) return refuse(badRequest('this server signs no tokens'));
    if (account === undefined) return refuse(notFound({ group: '', resource: 'serviceaccounts' }, name));
    const seconds = Number(field(object, 'spec', 'expirationSeconds') ?? DEFAULT_SECONDS);
    if (!Number.isInteger(seconds) || seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
      const why =
        seconds > MAX_SECONDS
          ? 'may not specify a duration larger than 2^32 seconds'
          : 'may not specify a duration less than 10 minutes';
      const error = {
        path: 'spec.expirationSeconds',
        text: `spec.expirationSeconds: Invalid value: ${seconds}: ${why}`,
      };
      return refuse(invalid({ group: 'authentication.k8s.io', resource: 'TokenRequest' }, '', [error]));
    }
    const given = texts(object, 'spec', 'audiences');
    const audiences = given.length === 0 ? [DEFAULT_AUDIENCE] : given;
    const bound = field(object, 'spec', 'boundObjectRef');
    let pod: { name: string; uid: string } | undefined;
    if (bound !== undefined) {
      if (text(bound, 'kind') !== 'Pod')
        return refuse(badRequest(`cannot bind token to object of type ${text(bound, 'kind')}`));
      const there = sources.pod(namespace, text(bound, 'name'));
      if (there === undefined) return refuse(notFound({ group: '', resource: 'pods' }, text(bound, 'name')));
      pod = { name: text(there, 'metadata', 'name'), uid: text(there, 'metadata', 'uid') };
      const uid = text(bound, 'uid');
      if (uid !== '' && uid !== pod.uid) {
        return refuse(
          conflict(
            { group: '', resource: 'pods' },
            pod.name,
            `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
          ),
        );
      }
    }
    const uid = text(account, 'metadata', 'uid');
    sources.tokens.sign({ namespace, name, uid, audiences, expirationSeconds: seconds, pod }).then(
      (token) => {
        const expirationTimestamp = new Date(sources.nowMs() + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
        const spec = { ...(field(object, 'spec') as object | undefined), audiences, expirationSeconds: seconds };
        const metadata = { name, namespace, creationTimestamp: null };
        answer(
          undefined,
          { ...object, metadata, spec, status: { token, expirationTimestamp } } as unknown as KubeObject,
          CREATED,
        );
      },
      (error: unknown) => refuse(internalError(String(error))),
    );
  };
