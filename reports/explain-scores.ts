/** The score table of an explanation: per plugin the points from 0 to 100, and those times the plugin's weight. */
import type { AttemptRecord, ScoreRecord } from '../scheduler/decision.ts';
import { type RankedNode, scoredPlugins } from './explain-data.ts';
import { alignRows, shorten, wrap } from './text.ts';

const NODE_WIDTH_MAX = 40;
const SHORT_WIDTH_MAX = 14;
const GAP = 3;
const INDENT = 2;

/** In-tree plugins by the part of their name that tells them apart. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  TaintToleration: 'Taint',
  NodeAffinity: 'NodeAff',
  PodTopologySpread: 'Spread',
  InterPodAffinity: 'InterPod',
  NodeResourcesFit: 'Fit',
  NodeResourcesBalancedAllocation: 'Balanced',
  ImageLocality: 'Image',
  VolumeBinding: 'Volume',
  DynamicResources: 'Devices',
};

const shortName = (plugin: string): string => SHORT_NAMES[plugin] ?? shorten(plugin, SHORT_WIDTH_MAX);

/** Columns that tell least are left out until the table fits, and named below it. */
export function scoreTable(record: AttemptRecord, nodes: readonly RankedNode[], width: number): string[] {
  const columns = scoredPlugins(record);
  const leftOut: ScoreRecord[] = [];
  let lines = render(columns, nodes);
  while (columns.length > 1 && Math.max(...lines.map((line) => line.length)) > width) {
    const [least] = [...columns].reverse().sort((a, b) => spreadOf(a, nodes) - spreadOf(b, nodes));
    columns.splice(columns.indexOf(least!), 1);
    leftOut.push(least!);
    lines = render(columns, nodes);
  }
  if (leftOut.length > 0) {
    const names = leftOut.reverse().map((column) => `${shortName(column.name)} (${rangeOf(column, nodes)})`);
    lines.push(...wrap(`too narrow for ${names.join(', ')}; -o json has them`, width, INDENT));
  }
  return lines;
}

function render(columns: readonly ScoreRecord[], nodes: readonly RankedNode[]): string[] {
  const pairs = columns.map((column) => pairColumn(column, nodes));
  const rows = [
    ['node', 'total', ...pairs.map(({ title }) => title)],
    ...nodes.map(({ node, total }, i) => [
      shorten(node, NODE_WIDTH_MAX),
      total.toLocaleString('en-US'),
      ...pairs.map(({ lines }) => lines[i]!),
    ]),
  ];
  return alignRows(rows, [true, false, ...columns.map(() => false)], GAP);
}

/** `normalised weighted`, each flush right. */
function pairColumn({ name, weight, normalized = [], weighted = [] }: ScoreRecord, nodes: readonly RankedNode[]) {
  const points = nodes.map(({ index }) => [String(normalized[index]), String(weighted[index])] as const);
  const first = Math.max(...points.map(([a]) => a.length));
  const second = Math.max(...points.map(([, b]) => b.length));
  return {
    title: `${shortName(name)} ×${weight}`,
    lines: points.map(([a, b]) => `${a.padStart(first)} ${b.padStart(second)}`),
  };
}

const weightedOf = ({ weighted = [] }: ScoreRecord, nodes: readonly RankedNode[]): number[] =>
  nodes.map(({ index }) => weighted[index]!);

function spreadOf(column: ScoreRecord, nodes: readonly RankedNode[]): number {
  const points = weightedOf(column, nodes);
  return Math.max(...points) - Math.min(...points);
}

function rangeOf(column: ScoreRecord, nodes: readonly RankedNode[]): string {
  const points = weightedOf(column, nodes);
  const [least, most] = [Math.min(...points), Math.max(...points)];
  return least === most ? `${least} for all shown` : `${least} to ${most}`;
}
