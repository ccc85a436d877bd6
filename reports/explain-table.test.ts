import { describe, expect, it } from 'vitest';
import type { AttemptRecord, AttemptSummary, ScoreRecord } from '../scheduler/decision.ts';
import { duelOf, rankNodes } from './explain-data.ts';
import { explainTable } from './explain-table.ts';
import type { Explanation } from './schedule-records.ts';

const WIDTH = 120;

/** Weighted points per plugin, node by node. */
function recordOf(points: Readonly<Record<string, readonly number[]>>, chosen = 0): AttemptRecord {
  const plugins = Object.entries(points);
  const count = plugins[0]?.[1].length ?? 0;
  const feasible = Array.from({ length: count }, (_, i) => `node-${i}`);
  const scores: ScoreRecord[] = plugins.map(([name, weighted]) => ({
    name,
    weight: 2,
    raw: weighted,
    normalized: weighted.map((value) => value / 2),
    weighted,
  }));
  const totals = feasible.map((_, i) => plugins.reduce((sum, [, weighted]) => sum + weighted[i]!, 0));
  return {
    startIndex: 0,
    nextStartIndex: 0,
    feasible,
    evaluated: count,
    scoring: 'done',
    scores,
    totals,
    chosen: feasible[chosen],
  };
}

function explanationOf(
  record: AttemptRecord,
  attempt: Partial<AttemptSummary> = {},
  more: Partial<Explanation> = {},
): Explanation {
  const summary = {
    feasibleCount: record.feasible?.length ?? 0,
    evaluatedCount: record.evaluated,
    unschedulablePlugins: [],
    node: record.chosen,
    record,
    ...attempt,
  };
  return {
    outcome: { pod: 'prod/web', outcome: 'scheduled', node: record.chosen, attempts: [summary] },
    priority: 0,
    decidedBefore: 0,
    tieBreak: 'heap',
    ...more,
  };
}

const linesOf = (explanation: Explanation, width = WIDTH): string[] =>
  explainTable(explanation, { width, all: false }).trimEnd().split('\n');

describe('the duel between the chosen node and the next best', () => {
  it('is decided by the plugin that leads most', () => {
    const duel = duelOf(recordOf({ Fit: [80, 100, 60], Spread: [200, 100, 200], Image: [0, 0, 0] }));
    expect(duel).toMatchObject({
      winner: { node: 'node-0', total: 280 },
      runnerUp: { node: 'node-2', total: 260 },
      margin: 20,
      leads: [{ plugin: 'Fit', points: 20 }],
    });
  });

  it('ranks the chosen node first, equal ones in the order of evaluation', () => {
    const ranked = rankNodes(recordOf({ Fit: [10, 20, 20, 20] }, 2));
    expect(ranked.map(({ node }) => node)).toEqual(['node-2', 'node-1', 'node-3', 'node-0']);
  });
});

describe('an explanation on the terminal', () => {
  it('shows who won, by what, and what the runner-up needs', () => {
    const record = recordOf({ NodeResourcesFit: [80, 60], ImageLocality: [0, 4] });
    expect(linesOf(explanationOf(record, {}, { runnerUpNeeds: '1.2 cores less requested on it would do' }))).toEqual([
      'prod/web → node-0   attempt 1   decided by NodeResourcesFit (margin 16 points, of 2 feasible nodes)',
      'the first to be decided · priority 0 · ties: heap',
      '',
      'node     total   Fit ×2   Image ×2',
      'node-0      80    40 80        0 0',
      'node-1      64    30 60        2 4',
      'to win, node-1 needs 17 points more (16 for a tie): it is behind in NodeResourcesFit 20, ahead in ImageLocality 4; 1.2',
      '  cores less requested on it would do',
    ]);
  });

  it('says so when luck or order decided', () => {
    const lines = linesOf(explanationOf(recordOf({ Fit: [50, 50] })));
    expect(lines[0]).toContain('decided by the tie-break (margin 0, of 2 feasible nodes)');
    expect(lines.at(-1)).toBe('node-1 has as many points: node-0 was taken by the rule "heap"');
  });

  it('counts the reasons of the nodes that were rejected', () => {
    const rejected = [
      {
        node: 'a',
        code: 'Unschedulable' as const,
        plugin: 'NodeResourcesFit',
        reasons: ['Insufficient cpu', 'Too many pods'],
      },
      { node: 'b', code: 'Unschedulable' as const, plugin: 'NodeResourcesFit', reasons: ['Insufficient cpu'] },
    ];
    const lines = linesOf(explanationOf({ ...recordOf({ Fit: [1, 2] }, 1), rejected }));
    expect(lines).toContain(
      'rejected 2 of 4 looked at: 2 Insufficient cpu (NodeResourcesFit) · 1 Too many pods (NodeResourcesFit)',
    );
  });

  it('shows what evicting would do', () => {
    const record: AttemptRecord = {
      ...recordOf({}),
      chosen: undefined,
      postFilter: {
        code: 'Success',
        message: 'preemption: found a potential placement',
        nominatedNode: 'b',
        candidates: [
          { node: 'a', victims: ['x/one', 'x/two'], pdbViolations: 1 },
          { node: 'b', victims: ['x/three'], pdbViolations: 0 },
        ],
        dryRunRejected: [
          {
            node: 'c',
            code: 'UnschedulableAndUnresolvable',
            reasons: ['No preemption victims found for incoming pod'],
          },
        ],
      },
    };
    expect(linesOf(explanationOf(record, { node: undefined, message: '0/3 nodes are available.' }))).toEqual([
      'prod/web not placed   attempt 1',
      'the first to be decided · priority 0 · ties: heap',
      '',
      '0/3 nodes are available.',
      '',
      '  preemption on   PDB violations   evicts',
      '  a                            1   x/one, x/two',
      '→ b                            0   x/three',
      'evicting does not help on 1: 1 No preemption victims found for incoming pod',
    ]);
  });

  it('leaves out the columns that tell least when they do not fit, and names them', () => {
    const points = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`SomeLongPluginName${i}`, [100, 100 - i]]));
    const lines = linesOf(explanationOf(recordOf(points)));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(WIDTH);
    expect(lines[3]).toContain('PluginName11'.slice(-6));
    expect(lines.join(' ')).toMatch(/too narrow for .* \(100 for all shown\).*; -o json has them/);
  });

  it.each([60, 80, 100, 120])('fits %i columns', (width) => {
    const points = {
      NodeResourcesFit: [80, 60, 3],
      PodTopologySpread: [200, 100, 0],
      TaintToleration: [300, 300, 300],
      MyOwnPluginWithALongName: [1, 2, 3],
    };
    const rejected = Array.from({ length: 40 }, (_, i) => ({
      node: `r${i}`,
      code: 'Unschedulable' as const,
      plugin: 'NodeResourcesFit',
      reasons: [`Insufficient example.com/resource-${i % 7}`],
    }));
    const message = `0/43 nodes are available: ${'1 node(s) had untolerated taint(s), '.repeat(6)}done.`;
    const lines = [
      ...linesOf(explanationOf({ ...recordOf(points), rejected }), width),
      ...linesOf(explanationOf({ ...recordOf({}), chosen: undefined, rejected }, { node: undefined, message }), width),
    ];
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  });
});
