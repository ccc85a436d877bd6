import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SimulationResult } from '../reports/index.ts';
import { BuiltCli } from './built-cli.fixture.ts';

let cli: BuiltCli;
beforeAll(() => {
  cli = new BuiltCli();
});
afterAll(() => cli.remove());

const docs = fileURLToPath(new URL('../docs', import.meta.url));
const nodes = path.join(docs, 'examples', 'simulate', 'nodes.yaml');
const events = path.join(docs, 'examples', 'simulate', 'events.yaml');
const file = (name: string, text: string): string => {
  writeFileSync(path.join(cli.cwd, name), text);
  return name;
};

describe('berth simulate', () => {
  test('prints what docs/simulate.md shows, each time the same', async () => {
    const text = readFileSync(path.join(docs, 'simulate.md'), 'utf8');
    for (const flags of [[], [], ['--explain', 'db']]) {
      const { code, stdout, stderr } = await cli.run('simulate', '--nodes', nodes, '--events', events, ...flags);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(text).toContain(stdout.trim());
    }
  });

  test('--show-events lists the events of all pods, in the words of kubectl describe', async () => {
    const { stdout } = await cli.run('simulate', '--nodes', nodes, '--events', events, '--show-events');
    const [, list] = stdout.split('\nEvents:\n');
    const rows = list!.split('\n').filter((line) => /^ {2}(Normal|Warning)/.test(line));
    expect(
      rows.map((row) =>
        row
          .trim()
          .split(/\s{2,}/)
          .slice(0, 5),
      ),
    ).toEqual([
      ['Normal', 'Scheduled', '00:00:01.000', 'default-scheduler', 'default/batch-1'],
      ['Normal', 'Scheduled', '00:00:02.000', 'default-scheduler', 'default/batch-2'],
      ['Warning', 'FailedScheduling', '00:00:10.000', 'default-scheduler', 'default/db'],
      ['Warning', 'FailedScheduling', '00:00:20.000', 'default-scheduler', 'default/web'],
      ['Normal', 'Preempted', '00:00:20.000', 'default-scheduler', 'default/batch-2'],
      ['Normal', 'Scheduled', '00:00:40.000', 'default-scheduler', 'default/web'],
      ['Normal', 'Scheduled', '00:01:30.000', 'default-scheduler', 'default/db'],
    ]);
  });

  test('schedules groups as docs/gang-scheduling.md shows, and without the gate says that it does not', async () => {
    const text = readFileSync(path.join(docs, 'gang-scheduling.md'), 'utf8');
    const gang = (name: string): string => path.join(docs, 'examples', 'gang', name);
    const args = ['simulate', '--nodes', gang('nodes.yaml'), '--events', gang('events.yaml')];
    const { code, stdout, stderr } = await cli.run(...args, '--feature-gates', 'GenericWorkload=true');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(text).toContain(stdout.trim());
    expect((await cli.run(...args)).stderr).toBe(
      'note: 2 PodGroups count for nothing: the gate is off (--feature-gates GenericWorkload=true)\n',
    );
  });

  test('stops at --until, and tells who still waits', async () => {
    const args = ['simulate', '--nodes', nodes, '--events', events, '--until', '30s', '-o', 'json'];
    const { summary, attempts } = JSON.parse((await cli.run(...args)).stdout) as SimulationResult;
    expect(summary).toMatchObject({ endMs: 30_000, bound: 2, pending: 2, evictions: 1, attempts: 4 });
    expect(attempts.map(({ pod, outcome }) => [pod, outcome])).toEqual([
      ['default/batch-1', 'scheduled'],
      ['default/batch-2', 'scheduled'],
      ['default/db', 'unschedulable'],
      ['default/web', 'unschedulable'],
    ]);
  });

  test('writes one CSV row per attempt', async () => {
    const { stdout } = await cli.run('simulate', '--nodes', nodes, '--events', events, '-o', 'csv');
    const lines = stdout.split('\r\n');
    expect(lines[0]).toMatch(/^time_ms,attempt,pod,pod_attempts,queue,outcome,node,/);
    expect(lines).toHaveLength(1 + 6 + 1);
  });

  test('notes an event about an object that is gone by then, and goes on', async () => {
    // web has evicted batch-2, which was gone at 40 s.
    const [untilWeb] = readFileSync(events, 'utf8').split('# Another node');
    const own = file('gone.yaml', `${untilWeb}- {at: 50s, op: delete, kind: Pod, name: batch-2}\n`);
    const { code, stdout, stderr } = await cli.run('simulate', '--nodes', nodes, '--events', own);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'note: event 6 at 50000 ms: pods "batch-2" not found\n' });
    expect(stdout).toContain('bound 3 of 4');
  });

  test.each<[string, string[], RegExp]>([
    [
      'a time before the one above',
      ['- {ms: 5, op: delete, kind: Node, name: n1}\n- {ms: 4, op: delete, kind: Node, name: n2}\n'],
      /^error: bad\.yaml:2:3: events\[1\]\.ms: 4 is before the event above it \(5 ms\)/,
    ],
    ['an unknown pod to explain', ['[]', '--explain', 'x'], /^error: --explain default\/x: there is no such pod/],
    [
      'an unknown attempt time',
      ['[]', '--attempt-time', 'slow'],
      /^error: attempt time "slow": zero, upstream, or a duration/,
    ],
  ])('refuses %s with exit code 2', async (_, [text, ...flags], message) => {
    const { code, stderr } = await cli.run('simulate', '--nodes', nodes, '--events', file('bad.yaml', text!), ...flags);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
