/** Time series of many runs as one line per configuration: means over everything that falls into a span of time. */
import { csvNumber, type SeriesPoint } from '../../reports/index.ts';
import type { CsvStream } from './csv-stream.ts';

const COLUMNS = [
  'running_pods',
  'pending_pods',
  'cpu_allocated_share',
  'memory_allocated_share',
  'gpu_allocated_share',
  'cpu_imbalance_stddev',
  'gpu_unusable_share',
  'used_nodes',
] as const;
/** A line of so many points is as fine as a screen shows. */
const POINTS_MAX = 150;

interface Sums {
  readonly times: number[];
  readonly values: Array<Array<number | undefined>>;
}

export class SeriesSummary {
  rows = 0;
  private readonly byProfile = new Map<string, Sums>();

  add(profile: string, row: CsvStream): void {
    this.rows++;
    let sums = this.byProfile.get(profile);
    if (sums === undefined) {
      sums = { times: [], values: COLUMNS.map(() => []) };
      this.byProfile.set(profile, sums);
    }
    sums.times.push(row.number('time_seconds') ?? 0);
    for (const [i, column] of COLUMNS.entries()) sums.values[i]!.push(row.number(column));
  }

  points(): SeriesPoint[] {
    let last = 0;
    for (const { times } of this.byProfile.values()) for (const time of times) last = Math.max(last, time);
    const span = last > 0 ? last / POINTS_MAX : 1;
    return [...this.byProfile].flatMap(([profile, sums]) => pointsOf(profile, sums, span));
  }
}

function pointsOf(profile: string, { times, values }: Sums, span: number): SeriesPoint[] {
  const bins = new Map<number, number[]>();
  for (const [row, time] of times.entries()) {
    const bin = Math.min(POINTS_MAX - 1, Math.floor(time / span));
    const rows = bins.get(bin);
    if (rows === undefined) bins.set(bin, [row]);
    else rows.push(row);
  }
  return [...bins]
    .sort(([a], [b]) => a - b)
    .map(([, rows]) => ({
      profile,
      timeSeconds: csvNumber(meanOf(rows.map((row) => times[row]))!),
      values: Object.fromEntries(
        COLUMNS.flatMap((column, i) => {
          const mean = meanOf(rows.map((row) => values[i]![row]));
          return mean === undefined ? [] : [[column, csvNumber(mean)]];
        }),
      ),
    }));
}

function meanOf(values: ReadonlyArray<number | undefined>): number | undefined {
  const there = values.filter((value) => value !== undefined);
  return there.length === 0 ? undefined : there.reduce((sum, value) => sum + value, 0) / there.length;
}
