/** Who manages what, over writes of every kind. Source: `apiserver/pkg/endpoints/handlers/fieldmanager`, v0.37.2. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../api/index.ts';
import { VirtualClock } from '../../clock.ts';
import { MemoryStore } from '../../store/index.ts';
import type { Target } from '../client.ts';
import { seededIds } from '../ids.ts';
import { InProcessClient } from '../in-process-client.ts';
import { ApiServer } from '../server.ts';

const DEPLOYMENTS: Target = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'default' };
const D: Target = { ...DEPLOYMENTS, name: 'd' };

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1: object;
}

const object = (more: object = {}): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'a' } },
      template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } },
      ...more,
    },
  }) as KubeObject;

let client: InProcessClient;
beforeEach(() => {
  const clock = new VirtualClock(0);
  const server = new ApiServer({ store: new MemoryStore({ clock }), clock, ids: seededIds(1) });
  server.start(() => {});
  client = new InProcessClient(server, { decode: true });
});

let last: KubeObject;
const done = (error: { readonly message?: string } | undefined, result: KubeObject): void => {
  if (error !== undefined) throw new Error(error.message);
  last = result;
};
const managers = (): string[] =>
  (last.metadata as { managedFields?: Entry[] }).managedFields?.map(
    ({ manager, operation, subresource = '', fieldsV1 }) =>
      `${manager} ${operation} ${subresource} ${JSON.stringify(fieldsV1)}`,
  ) ?? [];

const apply = (by: string, patch: object, target: Target = D, force = false): void =>
  client.patch(
    target,
    'apply',
    { apiVersion: 'apps/v1', kind: 'Deployment', ...patch },
    { fieldManager: by, force },
    done,
  );

describe('managed fields', () => {
  it('are not kept before the first apply', () => {
    client.create(DEPLOYMENTS, object(), { fieldManager: 'me' }, done);
    client.update(D, object({ replicas: 2 }), { fieldManager: 'me' }, done);
    expect(managers()).toEqual([]);
  });

  it('go over to whoever puts another value', () => {
    apply('me', { metadata: { name: 'd' }, spec: (object() as unknown as { spec: object }).spec });
    expect(managers()).toHaveLength(1);
    client.update(D, object({ replicas: 3 }), { fieldManager: 'you' }, done);
    const [mine, yours] = managers();
    expect(yours).toBe('you Update  {"f:spec":{"f:replicas":{}}}');
    expect(mine).toMatch(/^me Apply {2}\{"f:spec":\{"f:selector"/);
  });

  it('are forgotten when a client empties the list', () => {
    apply('me', { metadata: { name: 'd' }, spec: (object() as unknown as { spec: object }).spec });
    client.patch(D, 'merge', { metadata: { managedFields: [{}] } }, {}, done);
    expect(managers()).toEqual([]);
  });

  it('are kept of what a client says as far as it says something', () => {
    client.create(DEPLOYMENTS, object(), {}, done);
    const said = [{ manager: 'm', operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1: {} }];
    client.patch(D, 'merge', { metadata: { managedFields: said } }, {}, done);
    expect(managers()).toEqual([]);
  });

  it('name the subresource, which owns its fields alone', () => {
    apply('me', { metadata: { name: 'd' }, spec: (object() as unknown as { spec: object }).spec });
    const status = { ...D, subresource: 'status' };
    client.patch(status, 'merge', { status: { replicas: 1 }, spec: { replicas: 9 } }, { fieldManager: 'ctl' }, done);
    apply('other', { metadata: { name: 'd' }, spec: { replicas: 9 }, status: { readyReplicas: 1 } }, status);
    client.patch({ ...D, subresource: 'scale' }, 'merge', { spec: { replicas: 5 } }, { fieldManager: 'hpa' }, done);
    client.get(D, done);
    expect((last as unknown as { spec: { replicas: number } }).spec.replicas).toBe(5);
    expect(managers().filter((text) => !text.startsWith('me'))).toEqual([
      'other Apply status {"f:status":{"f:readyReplicas":{}}}',
      'ctl Update status {"f:status":{"f:replicas":{}}}',
      'hpa Update scale {"f:spec":{"f:replicas":{}}}',
    ]);
  });

  it('are in the way of an apply by somebody else', () => {
    apply('me', { metadata: { name: 'd' }, spec: (object() as unknown as { spec: object }).spec });
    client.update(D, object({ replicas: 3 }), { fieldManager: 'you' }, done);
    expect(() => apply('me', { metadata: { name: 'd' }, spec: { replicas: 4 } })).toThrow(
      'Apply failed with 1 conflict: conflict with "you" using apps/v1: .spec.replicas',
    );
    apply(
      'me',
      { metadata: { name: 'd' }, spec: { ...(object() as unknown as { spec: object }).spec, replicas: 4 } },
      D,
      true,
    );
    expect(managers()).toHaveLength(1);
  });
});
