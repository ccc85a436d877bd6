import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apiServerKind } from './kinds/api-server/index.ts';

const RECORDED = '../shared/golden-apiserver/apiserver-1.37.2.json';

const check = (document: object) => {
  const golden = apiServerKind.read(document as never)!;
  const got = apiServerKind.run(golden.case, { engine: 'fast' });
  const { differences, notes } = apiServerKind.compare(golden, got);
  return { texts: differences.map(({ path }) => apiServerKind.locate(path, golden)), notes, got };
};

const create = (name: string, status: number, body: object) => ({
  name: `create ${name}`,
  req: {
    method: 'POST',
    path: '/api/v1/namespaces/default/configmaps?fieldValidation=Strict',
    contentType: 'application/json',
    body: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name }, data: { a: '1' } },
  },
  res: { status, body },
});

describe('recordings of an API server', () => {
  const stored = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: {
      name: 'c',
      namespace: 'default',
      uid: '00000000-0000-4000-8000-000000000000',
      resourceVersion: '7',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    data: { a: '1' },
  };
  const taken = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'configmaps "c" already exists',
    reason: 'AlreadyExists',
    details: { name: 'c', kind: 'configmaps' },
    code: 409,
  };

  it('pass when every answer is the same but for ids, times and revisions', () => {
    expect(check({ about: 'two', cases: [create('c', 201, stored), create('c', 409, taken)] }).texts).toEqual([]);
  });

  it('fail where an answer differs, and say in which request', () => {
    const { texts } = check({ about: 'one', cases: [create('c', 200, { ...stored, data: { a: '2' } })] });
    expect(texts).toEqual([
      'create c (POST /api/v1/namespaces/default/configmaps?fieldValidation=Strict): status',
      'create c (POST /api/v1/namespaces/default/configmaps?fieldValidation=Strict): body.data.a',
    ]);
  });

  it.runIf(existsSync(RECORDED))('of kube-apiserver v1.37.2 pass', () => {
    const { texts, notes, got } = check(JSON.parse(readFileSync(RECORDED, 'utf8')) as object);
    expect(texts).toEqual([]);
    expect(got.length - notes.length).toBeGreaterThanOrEqual(130);
  });
});
