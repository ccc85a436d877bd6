import { describe, expect, it } from 'vitest';
import type { PatchType } from '../../client.ts';
import { ApiFailure } from '../../failures.ts';
import { schemaOf } from '../../kinds/schema/schema.ts';
import { applyPatch } from './apply-patch.ts';

const pod = schemaOf('v1', 'Pod')!;
const node = schemaOf('v1', 'Node')!;
const service = schemaOf('v1', 'Service')!;
const deployment = schemaOf('apps/v1', 'Deployment')!;

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

const refusal = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiFailure) return error.status;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('JSON patch (RFC 6902)', () => {
  const current = freeze({ metadata: { labels: { a: '1', 'x/y': '2' } }, spec: { list: [1, 2, 3] } });
  it.each([
    [[{ op: 'add', path: '/spec/list/1', value: 9 }], { list: [1, 9, 2, 3] }],
    [[{ op: 'add', path: '/spec/list/-', value: 9 }], { list: [1, 2, 3, 9] }],
    [[{ op: 'remove', path: '/spec/list/0' }], { list: [2, 3] }],
    [[{ op: 'replace', path: '/spec/list', value: [] }], { list: [] }],
    [[{ op: 'move', from: '/spec/list', path: '/spec/other' }], { other: [1, 2, 3] }],
    [[{ op: 'copy', from: '/metadata/labels/x~1y', path: '/spec/copy' }], { list: [1, 2, 3], copy: '2' }],
    [[{ op: 'test', path: '/spec/list/0', value: 1 }], { list: [1, 2, 3] }],
  ])('%j', (patch, spec) => expect(applyPatch('json', pod, current, patch).spec).toEqual(spec));

  it.each([
    [[{ op: 'test', path: '/metadata/name', value: 'no' }]],
    [[{ op: 'remove', path: '/spec/none' }]],
    [[{ op: 'add', path: '/none/below', value: 1 }]],
    [[{ op: 'dance', path: '/spec' }]],
    [[{ op: 'replace' }]],
  ])('%j is rejected as upstream rejects it', (patch) => {
    expect(refusal(() => applyPatch('json', pod, current, patch))).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
      details: {},
    });
  });
  it.each(['/__proto__/polluted', '/spec/__proto__/polluted', '/constructor/prototype/polluted'])(
    '%s does not reach what all objects share',
    (path) => {
      try {
        applyPatch('json', pod, current, [{ op: 'add', path, value: 1 }]);
      } catch {
        // Refused is as good.
      }
      expect(({} as { polluted?: number }).polluted).toBeUndefined();
    },
  );
  it('is a list', () => expect(refusal(() => applyPatch('json', pod, current, {})).code).toBe(400));
});

describe('merge patch (RFC 7396, appendix A)', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j gives %j', (current, patch, result) => {
    expect(applyPatch('merge', pod, freeze(current), patch)).toEqual(result);
  });
});

describe('strategic merge patch', () => {
  const containers = freeze([
    { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
    { name: 'b', image: 'b:1' },
  ]);
  const patched = (spec: object, patch: object, schema = pod) =>
    applyPatch('strategic', schema, freeze({ spec }), { spec: patch }).spec;

  it('merges containers by name, and what they hold by theirs', () => {
    expect(patched({ containers }, { containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }] })).toEqual({
      containers: [
        {
          name: 'a',
          image: 'a:1',
          env: [
            { name: 'Y', value: '2' },
            { name: 'X', value: '1' },
          ],
        },
        { name: 'b', image: 'b:1' },
      ],
    });
  });
  it('takes an item away by $patch: delete, and all of them by $patch: replace', () => {
    expect(patched({ containers }, { containers: [{ $patch: 'delete', name: 'a' }] })).toEqual({
      containers: [{ name: 'b', image: 'b:1' }],
    });
    expect(patched({ containers }, { containers: [{ $patch: 'replace' }, { name: 'c' }] })).toEqual({
      containers: [{ name: 'c' }],
    });
    expect(patched({ nodeSelector: { a: '1' } }, { nodeSelector: { $patch: 'replace', b: '2' } })).toEqual({
      nodeSelector: { b: '2' },
    });
    expect(patched({ nodeSelector: { a: '1' } }, { nodeSelector: { $patch: 'delete' } })).toEqual({ nodeSelector: {} });
  });
  it('orders by $setElementOrder, and leaves what it does not name where the server has it', () => {
    const order = [{ name: 'c' }, { name: 'a' }];
    expect(
      patched({ containers }, { '$setElementOrder/containers': order, containers: [{ name: 'c', image: 'c:1' }] }),
    ).toMatchObject({ containers: [{ name: 'c' }, { name: 'a' }, { name: 'b' }] });
  });
  it('keeps only $retainKeys', () => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } };
    const patch = { strategy: { $retainKeys: ['type'], type: 'Recreate' } };
    expect(patched({ strategy }, patch, deployment)).toEqual({ strategy: { type: 'Recreate' } });
    expect(
      refusal(() => patched({ strategy }, { strategy: { $retainKeys: ['type'], paused: true } }, deployment)),
    ).toMatchObject({ code: 400, message: 'invalid patch format of retainKeys' });
  });
  it('merges finalizers as a set, and takes some away by $deleteFromPrimitiveList', () => {
    const current = freeze({ metadata: { finalizers: ['a', 'b'] } });
    expect(applyPatch('strategic', pod, current, { metadata: { finalizers: ['b', 'c'] } })).toEqual({
      metadata: { finalizers: ['a', 'b', 'c'] },
    });
    const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } };
    expect(applyPatch('strategic', pod, current, patch)).toEqual({ metadata: { finalizers: ['b'] } });
  });
  it('replaces taints and tolerations, which have no merge key', () => {
    expect(patched({ taints: [{ key: 'a' }] }, { taints: [{ key: 'z' }] }, node)).toEqual({ taints: [{ key: 'z' }] });
    expect(patched({ tolerations: [{ key: 'a' }] }, { tolerations: [] })).toEqual({ tolerations: [] });
  });
  it('merges conditions by type and service ports by port', () => {
    const current = freeze({ status: { conditions: [{ type: 'Ready', status: 'True' }] } });
    const patch = { status: { conditions: [{ type: 'Ready', status: 'False' }, { type: 'Other' }] } };
    expect(applyPatch('strategic', pod, current, patch).status).toEqual({
      conditions: [{ type: 'Ready', status: 'False' }, { type: 'Other' }],
    });
    expect(patched({ ports: [{ port: 80, name: 'x' }] }, { ports: [{ port: 80, name: 'y' }] }, service)).toEqual({
      ports: [{ port: 80, name: 'y' }],
    });
  });
  it('takes fields away by null, as kubectl uncordon does', () => {
    expect(patched({ unschedulable: true, podCIDR: 'x' }, { unschedulable: null }, node)).toEqual({ podCIDR: 'x' });
  });
  it('refuses items without their merge key', () => {
    expect(refusal(() => patched({ containers }, { containers: [{ image: 'x' }] }))).toMatchObject({
      code: 400,
      message: 'map does not contain declared merge key: name',
    });
  });
});

describe('server-side apply', () => {
  const time = '2026-11-23T22:57:20Z';
  const writer = (manager: string, subresource?: string) => ({ manager, apiVersion: 'v1', time, subresource });
  const config = (image: string, more: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p5', ...more },
    spec: { containers: [{ name: 'c', image }] },
  });
  const apply = (current: object | undefined, patch: object, manager: string, force = false) =>
    applyPatch('apply', pod, current && freeze(current), patch, { writer: writer(manager), force });

  it('creates, and writes down who manages what', () => {
    expect(apply(undefined, config('nginx'), 'me').metadata).toEqual({
      name: 'p5',
      managedFields: [
        {
          manager: 'me',
          operation: 'Apply',
          apiVersion: 'v1',
          time,
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } },
        },
      ],
    });
  });
  it('refuses what another manager has otherwise, in the recorded words', () => {
    const current = apply(undefined, config('nginx'), 'me');
    expect(refusal(() => apply(current, config('other'), 'you'))).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Apply failed with 1 conflict: conflict with "me": .spec.containers[name="c"].image',
      reason: 'Conflict',
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "me"',
            field: '.spec.containers[name="c"].image',
          },
        ],
      },
      code: 409,
    });
  });
  it('lets several managers own what they agree on, and takes over by force', () => {
    const shared = apply(apply(undefined, config('nginx'), 'me'), config('nginx'), 'you');
    expect(owners(shared)).toEqual({ me: 3, you: 3 });
    const forced = apply(shared, config('other'), 'you', true);
    expect(owners(forced)).toEqual({ me: 2, you: 3 });
    expect(forced).toMatchObject({ spec: { containers: [{ name: 'c', image: 'other' }] } });
  });
  it('drops what a manager no longer sends, unless somebody else owns it', () => {
    const labels = { labels: { a: '1', b: '2' } };
    const both = apply(apply(undefined, config('nginx', labels), 'me'), config('nginx', { labels: { b: '2' } }), 'you');
    const left = apply(both, config('nginx'), 'me');
    expect(left.metadata).toMatchObject({ labels: { b: '2' } });
    expect(left.metadata).not.toHaveProperty('labels.a');
    expect(apply(left, config('nginx'), 'you').metadata).not.toHaveProperty('labels');
  });
  it('drops a whole list item with what the server had added to it', () => {
    const two = {
      spec: {
        containers: [
          { name: 'c', image: 'i' },
          { name: 'd', image: 'i' },
        ],
      },
    };
    const current = apply(undefined, { ...config('i'), ...two }, 'me') as { spec: { containers: object[] } };
    const defaulted = {
      ...current,
      spec: { containers: current.spec.containers.map((c) => ({ ...c, imagePullPolicy: 'Always' })) },
    };
    expect(apply(defaulted, config('i'), 'me').spec).toEqual({
      containers: [{ name: 'c', image: 'i', imagePullPolicy: 'Always' }],
    });
  });
  it('knows ports without a protocol as TCP', () => {
    const ports = (list: object[]) => ({
      ...config('i'),
      spec: { containers: [{ name: 'c', image: 'i', ports: list }] },
    });
    const current = apply(undefined, ports([{ containerPort: 80, protocol: 'TCP' }]), 'me');
    expect(apply(current, ports([{ containerPort: 80, hostPort: 81 }]), 'you').spec).toMatchObject({
      containers: [{ ports: [{ containerPort: 80, protocol: 'TCP', hostPort: 81 }] }],
    });
  });
  it('names whoever wrote before the first apply, and the version', () => {
    expect(refusal(() => apply(config('nginx'), config('other'), 'you')).message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .spec.containers[name="c"].image',
    );
  });
  it('lets kubectl take over what its client-side apply wrote', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(config('nginx')) };
    const current = config('nginx', { annotations });
    expect(apply(current, config('other'), 'kubectl').spec).toEqual({ containers: [{ name: 'c', image: 'other' }] });
  });
  it('tells several conflicts manager by manager', () => {
    const a = apply(undefined, config('nginx', { labels: { a: '1' } }), 'me');
    const b = apply(a, config('nginx', { labels: { b: '1' } }), 'him');
    expect(refusal(() => apply(b, config('other', { labels: { b: '2' } }), 'you')).message).toBe(
      'Apply failed with 3 conflicts: conflicts with "him":\n- .metadata.labels.b\n- .spec.containers[name="c"].image\n' +
        'conflicts with "me":\n- .spec.containers[name="c"].image',
    );
  });
  it('changes nothing when the same is applied again', () => {
    const once = apply(undefined, config('nginx'), 'me');
    const again = applyPatch('apply', pod, freeze(once), config('nginx'), {
      writer: { ...writer('me'), time: '2027-01-01T00:00:00Z' },
    });
    expect(again).toEqual(once);
  });
  it('refuses managedFields in the configuration', () => {
    const patch = config('i', { managedFields: [{ manager: 'x' }] });
    expect(refusal(() => apply(undefined, patch, 'me'))).toMatchObject({
      code: 400,
      message: 'metadata.managedFields must be nil',
    });
  });

  const owners = (object: object): Record<string, number> =>
    Object.fromEntries(
      (object as { metadata: { managedFields: { manager: string; fieldsV1: object }[] } }).metadata.managedFields.map(
        ({ manager, fieldsV1 }) => [manager, JSON.stringify(fieldsV1).match(/\{\}/g)!.length],
      ),
    );
});

describe('all of them', () => {
  it.each<[PatchType, unknown]>([
    ['merge', 'text'],
    ['merge', null],
    ['strategic', []],
    ['apply', 1],
    ['json', null],
  ])('%s refuses %j with a 400', (type, patch) => {
    expect(refusal(() => applyPatch(type, pod, {}, patch)).code).toBe(400);
  });
});
