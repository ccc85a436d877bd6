/**
 * Secrets of type `kubernetes.io/service-account-token` get a token of their account, and go with it. Source:
 * `pkg/controller/serviceaccount/tokens_controller.go`, v1.37.2.
 *
 * Upstream has the signing key and signs tokens that do not end. Here the API is asked for one, which ends after a year.
 */
import type { KubeObject } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { Informer } from '../informer.ts';
import { keyOf, splitKey } from '../owners.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { WorkQueue } from '../work-queue.ts';
import { SERVICE_ACCOUNTS } from './service-account.ts';

interface Secret extends KubeObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

interface TokenRequest extends KubeObject {
  readonly status?: { readonly token?: string };
}

const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
const TYPE = 'kubernetes.io/service-account-token';
const NAME = 'kubernetes.io/service-account.name';
const UID = 'kubernetes.io/service-account.uid';
const YEAR_S = 365 * 24 * 3600;

export class ServiceAccountTokenController {
  readonly queue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly certificate: string;
  private readonly secrets: Informer<Secret>;
  private readonly accounts: Informer;

  /** @param certificate By which whoever has the token knows the API server. */
  constructor(context: ControllerContext, certificate: string) {
    this.context = context;
    this.certificate = certificate;
    this.secrets = context.informer(SECRETS);
    this.accounts = context.informer(SERVICE_ACCOUNTS);
    this.queue = new WorkQueue({ clock: context.clock, sync: (key) => this.sync(key) });
    this.secrets.onChange((_, now) => {
      if (now?.type === TYPE) this.queue.add(keyOf(now));
    });
    this.accounts.onChange((before, now) => {
      const { namespace = '', name } = (now ?? before)!.metadata ?? {};
      if (before !== undefined && now !== undefined) return;
      for (const secret of this.secrets.inNamespace(namespace)) {
        if (secret.type === TYPE && secret.metadata?.annotations?.[NAME] === name) this.queue.add(keyOf(secret));
      }
    });
  }

  private *sync(key: string): Steps {
    const [namespace, name] = splitKey(key);
    const secret = this.secrets.get(namespace, name);
    if (secret?.type !== TYPE) return;
    const { annotations = {}, uid } = secret.metadata ?? {};
    const account: KubeObject | undefined = yield* this.find(namespace, annotations[NAME] ?? '');
    const accountUid = account?.metadata?.uid;
    const target = { ...SECRETS, namespace, name };
    if (account === undefined || (annotations[UID] !== undefined && annotations[UID] !== accountUid)) {
      yield* call((answer) => this.context.client.delete(target, { preconditions: { uid } }, answer));
      return;
    }
    const { data = {} } = secret;
    const expected = { 'ca.crt': base64(this.certificate), namespace: base64(namespace) };
    const isRight = data['ca.crt'] === expected['ca.crt'] && data.namespace === expected.namespace;
    if (isRight && data.token && annotations[UID] === accountUid) return;
    const token = data.token || base64(yield* this.newToken(namespace, annotations[NAME]!));
    const next = {
      ...secret,
      metadata: { ...secret.metadata, annotations: { ...annotations, [UID]: accountUid } },
      data: { ...data, ...expected, token },
    };
    yield* call((answer) => this.context.client.update(target, next as KubeObject, {}, answer));
  }

  /** What the informer does not have, the API may. */
  private *find(namespace: string, name: string): Steps<KubeObject | undefined> {
    const known = this.accounts.get(namespace, name);
    if (known !== undefined) return known;
    try {
      const target = { ...SERVICE_ACCOUNTS, namespace, name };
      return yield* call<KubeObject>((answer) => this.context.client.get(target, answer));
    } catch (error) {
      if (error instanceof Refusal && error.isNotFound) return undefined;
      throw error;
    }
  }

  private *newToken(namespace: string, name: string): Steps<string> {
    const target = { ...SERVICE_ACCOUNTS, namespace, name, subresource: 'token' };
    const spec = { audiences: [], expirationSeconds: YEAR_S };
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec } as KubeObject;
    const answer: TokenRequest = yield* call<KubeObject>((done) =>
      this.context.client.create(target, request, {}, done),
    );
    return answer.status?.token ?? '';
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
