/** What a real API server answered is answered by berth's, and what real clients send is understood. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { RecordedAnswers, RecordedClients } from './recorded.ts';
import { readRecording, replayAnswers, replayClients } from './replay.ts';

const read = (name: string): unknown =>
  JSON.parse(readRecording(fileURLToPath(new URL(`../golden-apiserver/${name}.gz`, import.meta.url))));

/** These wait for seconds; `berth conformance` does them too. */
const isSlow = (path: string): boolean => /timeoutSeconds=|resourceVersion=99999999/.test(path);

describe('recordings', () => {
  it('of an API server are answered alike', async () => {
    const { cases } = read('apiserver-1.37.2.json') as RecordedAnswers;
    const quick = cases.filter(({ req }) => !isSlow(req.path));
    const results = await replayAnswers('apiserver', { cases: quick });
    expect(results.length).toBeGreaterThan(120);
    expect(results.filter(({ difference }) => difference !== undefined)).toEqual([]);
  });
  it('differ where an answer does, and the place is told', async () => {
    const stored = {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        name: 'c',
        namespace: 'default',
        uid: '00000000-0000-4000-8000-000000000000',
        resourceVersion: '7',
        creationTimestamp: 't',
      },
      data: { a: '1' },
    };
    const recorded = (name: string, body: object) => ({
      name,
      req: {
        method: 'POST',
        path: '/api/v1/namespaces/default/configmaps',
        contentType: 'application/json',
        body: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name }, data: { a: '1' } },
      },
      res: { status: 201, contentType: 'application/json', body },
    });
    const cases = [recorded('c', stored), recorded('d', { ...stored, data: { a: '2' } })];
    const [same, other] = await replayAnswers('two', { cases });
    expect(same!.difference).toBeUndefined();
    expect(other!.difference).toBe('metadata.name: "c" recorded, "d" given');
  });
  it.each(['kubectl-requests.json', 'kube-scheduler-requests.json'])(
    'of clients are understood: %s',
    async (name) => {
      const results = await replayClients(name, read(name) as RecordedClients);
      const failed = results.filter((each) => each.difference !== undefined);
      expect(results.length).toBeGreaterThan(3);
      expect(failed).toEqual([]);
    },
    30_000,
  );
});
