import { describe, expect, it } from 'vitest';
import { ApiMetrics } from './metrics.ts';

const PODS = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };

describe('apiserver_request_total and apiserver_request_duration_seconds', () => {
  const metrics = new ApiMetrics(({ resource }) => resource === 'pods');
  const lines = async (name: string): Promise<string[]> =>
    (await metrics.registry.getSingleMetricAsString(name)).split('\n').filter((line) => !line.startsWith('#'));

  it('count by what was asked for and by status, in buckets that hold what is shorter too', async () => {
    metrics.answered({ verb: 'list', target: PODS }, 200, 0.004);
    metrics.answered({ verb: 'list', target: PODS }, 200, 0.03);
    metrics.answered({ verb: 'list', target: PODS }, 410, 100);
    const labels = 'verb="LIST",group="",version="v1",resource="pods",subresource="",scope="namespace"';
    for (let read = 0; read < 2; read++) {
      expect(await lines('apiserver_request_total')).toEqual([
        `apiserver_request_total{${labels},code="200",dry_run=""} 2`,
        `apiserver_request_total{${labels},code="410",dry_run=""} 1`,
      ]);
    }
    const durations = await lines('apiserver_request_duration_seconds');
    const bucket = (le: string): string | undefined => durations.find((line) => line.includes(`le="${le}"`));
    expect(bucket('0.005')).toMatch(/ 1$/);
    expect(bucket('0.025')).toMatch(/ 1$/);
    expect(bucket('0.05')).toMatch(/ 2$/);
    expect(bucket('60')).toMatch(/ 2$/);
    expect(bucket('+Inf')).toMatch(/ 3$/);
    expect(durations.at(-2)).toMatch(/_sum\{.*\} 100\.034$/);
    expect(durations.at(-1)).toMatch(/_count\{.*\} 3$/);
  });
  it('have no row for each name that a client can think of', async () => {
    for (let i = 0; i < 100; i++) {
      metrics.answered({ verb: 'get', target: { ...PODS, resource: `nonsense${i}`, name: 'x' } }, 404, 0.001);
    }
    const rows = (await lines('apiserver_request_total')).filter((line) => line.includes('code="404"'));
    expect(rows).toEqual([
      'apiserver_request_total{verb="GET",group="",version="",resource="",subresource="",scope="cluster",code="404",dry_run=""} 100',
    ]);
  });
});
