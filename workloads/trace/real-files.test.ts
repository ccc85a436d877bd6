/** Every original file that BERTH_DATA has: rows in, nodes and pods out, rows passed over, rows refused. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { TRACE_FAMILIES } from './families.ts';
import { CountSink, importedFrom, ListSink } from './import.fixture.ts';

const data = process.env.BERTH_DATA;

type Row = readonly [
  family: string,
  files: readonly string[],
  rows: number,
  nodes: number,
  pods: number,
  passedOver: number,
  refused: number,
];

const FILES: readonly Row[] = [
  [
    'openb',
    ['openb/openb_node_list_gpu_node.csv', 'openb/openb_pod_list_gpuspec33.csv'],
    1213 + 8152,
    1213,
    8152,
    0,
    0,
  ],
  ['openb', ['openb/openb_pod_list_multigpu50.csv.gz'], 9061, 0, 9061, 0, 0],
  ['alibaba-dlrm-2025', ['alibaba-dlrm-2025/disaggregated_DLRM_trace.csv.gz'], 23871, 0, 23871, 0, 0],
  ['alibaba-spot-2026', ['alibaba-spot-2026/node_info_df.csv.gz'], 4278, 4278, 0, 0, 0],
  ['alibaba-2017', ['alibaba-batch-2017/jobs.csv.gz'], 31756, 0, 2_551_075, 0, 0],
  ['azure-vm', ['azure-vm-v1/vmtable.sample.csv.gz'], 10, 0, 10, 0, 0],
  [
    'azure-vm',
    [
      'azure-vm-v1/flav_map.txt',
      'azure-vm-v1/v1.interval_map.txt.gz',
      'azure-vm-v1/v1.dev.txt.gz',
      'azure-vm-v1/v1.dev.c2100000.txt.gz',
    ],
    259_159,
    0,
    259_159,
    0,
    0,
  ],
  ['philly', ['philly-derived/ee9e8c.trace.gz'], 2000, 0, 8587, 0, 0],
  ['swf', ['swf/NASA-iPSC-1993-3.1-cln.swf.gz'], 18239, 128, 309_953, 0, 0],
  ['swf', ['swf/LCG-2005-1.swf.gz'], 188_041, 24515, 188_041, 0, 0],
  ['swf', ['swf/HPC2N-2002-head.swf.gz', 'swf/HPC2N.machines'], 3170 + 1, 120, 62449, 25, 0],
  ['swf', ['swf/wagap-2013.swf.gz', 'swf/wagap-2013.machines'], 17900 + 2, 68, 149_384, 0, 2],
  ['opendc', ['surf-lisa/surf_month.tasks.csv.gz'], 68648, 0, 68648, 0, 0],
  ['opendc', ['opendc-formats/bitbrains-small.meta.csv', 'opendc-formats/trace.gwf'], 50 + 70, 0, 120, 0, 0],
  ['swf', ['opendc-formats/trace.swf'], 5, 0, 757, 0, 0],
];

describe.skipIf(data === undefined)('original files (need BERTH_DATA)', () => {
  const at = (file: string) => path.join(data!, file);

  test.each(FILES)('%s: %j', async (family, files, rows, nodes, pods, passedOver, refused) => {
    const sink = new CountSink();
    const report = await importedFrom(family, files.map(at), sink, { onError: 'skip' });
    const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, number) => total + number, 0);
    expect([sum(report.files.map(({ rowsIn }) => rowsIn)), sink.nodes, sink.pods, report.refused]).toEqual([
      rows,
      nodes,
      pods,
      refused,
    ]);
    expect(sum(report.files.flatMap((file) => [...file.passedOver.values()]))).toBe(passedOver);
    const known = Object.assign(
      {},
      ...TRACE_FAMILIES.flatMap(({ sources }) => sources.map(({ checksums }) => checksums ?? {})),
    ) as Record<string, string>;
    for (const { source } of report.files) expect(known[source.name] ?? source.sha256).toBe(source.sha256);
  });

  test('SURF Lisa: a week as Parquet is the week as CSV', async () => {
    const [csv, parquet] = [new ListSink(), new ListSink()];
    await importedFrom('opendc', [at('surf-lisa/surf_week.tasks.csv.gz')], csv);
    await importedFrom('opendc', [at('surf-lisa/surf_week.tasks.parquet')], parquet);
    expect(csv.pods).toHaveLength(6295);
    expect(parquet.pods).toEqual(csv.pods);
  });

  test('a folder with files of a family and others: the others are left alone', async () => {
    const sink = new CountSink();
    await importedFrom('alibaba-spot-2026', [at('alibaba-spot-2026')], sink);
    expect(sink.nodes).toBe(4278);
  });
});
