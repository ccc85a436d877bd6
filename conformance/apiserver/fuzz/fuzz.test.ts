/** A share of the campaign; `npm run fuzz:apiserver` runs it for longer, and looks at the heap too. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { FuzzTarget, faultOf, HeapWatch, recordedRequests, runCampaign } from './index.ts';

const RECORDINGS = fileURLToPath(new URL('../../golden-apiserver', import.meta.url));
const REQUESTS = 2000;

let target: FuzzTarget;
beforeAll(async () => {
  target = await FuzzTarget.start();
});
afterAll(() => target.stop());

describe('odd requests', () => {
  it('are answered as the API knows it, and change nothing when they are refused', async () => {
    const result = await runCampaign({ target, recorded: recordedRequests(RECORDINGS), requests: REQUESTS, seed: 20 });
    expect(result.findings).toEqual([]);
    expect(result.requests).toBe(REQUESTS);
    // Not all of them are so odd that nothing comes of them.
    expect(result.byStatus.get(201)).toBeGreaterThan(50);
    expect(result.byStatus.get(422)).toBeGreaterThan(50);
    expect(result.roundTrips).toBeGreaterThan(50);
  }, 60_000);
});

describe('what is found wrong with an answer', () => {
  const refusal = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'm', reason: 'NotFound', code: 404 };
  const json = (status: number, body: object) => ({
    status,
    contentType: 'application/json',
    text: JSON.stringify(body),
  });

  it.each([
    ['nothing', json(404, refusal), undefined],
    ['a 500', json(500, { ...refusal, code: 500 }), /^status 500: m$/],
    [
      'a 500 that upstream gives too',
      json(500, { ...refusal, code: 500, message: 'target.name: Required value' }),
      undefined,
    ],
    ['another code than that of the answer', json(404, { ...refusal, code: 400 }), /code 400 in the Status/],
    ['a reason of another code', json(409, { ...refusal, code: 409 }), /reason NotFound in a Status of 409/],
    ['a 422 that does not say where', json(422, { ...refusal, code: 422, reason: 'Invalid' }), /without causes/],
    ['no Status', json(400, { message: 'no' }), /no Status of failure/],
    ['text', { status: 400, contentType: 'text/plain', text: 'no' }, /without a Status/],
    ['half an object', { status: 200, contentType: 'application/json', text: '{"a":' }, /no JSON/],
  ])('%s', (_, answer, fault) => {
    const found = faultOf(answer, false);
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(fault);
  });
});

describe('HeapWatch', () => {
  const used = (mebibytes: (round: number) => number): HeapWatch => {
    const watch = new HeapWatch();
    for (let round = 0; round < 40; round++) watch.add(mebibytes(round) * 1024 * 1024);
    return watch;
  };
  it('lets caches fill up, and waves', () => {
    expect(used((round) => (round < 5 ? 40 + 20 * round : 120 + (round % 7))).grows).toBe(false);
  });
  it('tells growth', () => {
    expect(used((round) => 60 + 2 * round).grows).toBe(true);
  });
});
