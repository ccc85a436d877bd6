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
