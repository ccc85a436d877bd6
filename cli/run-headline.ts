/** What a run is about to do, in a few lines. */
import { evaluationFor, shuffleFor, type Variant } from '../bench/index.ts';
import { counted } from '../reports/index.ts';
import type { Workload } from '../workloads/index.ts';
import type { Job } from './run-job.ts';

const SHOWN = 6;

export function headline(job: Job): string {
  const { workloads, variants, cells, workers } = job;
  const used = counted(Math.min(workers, cells.length), 'worker');
  const seeds = new Set(cells.map(({ seed }) => seed)).size;
  const axes = [
    ...(workloads.length > 1 ? [counted(workloads.length, 'workload')] : []),
    counted(variants.length, 'configuration'),
    counted(seeds, 'seed'),
  ];
  const product = workloads.length * variants.length * seeds;
  const total = cells.length === product ? axes.join(' × ') : `${axes.join(', ')}: ${counted(cells.length, 'cell')}`;
  const [only] = workloads;
  if (workloads.length === 1) {
    const size = `${counted(only!.nodes.length, 'node')} · ${counted(only!.pods.count, 'pod')}`;
    return [
      `${only!.name} · ${size} · ${total} · ${used}`,
      only!.source.description,
      ...evaluationLines(only!, variants),
    ].join('\n');
  }
  const lines = workloads
    .slice(0, SHOWN)
    .map(
      (workload) =>
        `  ${workload.name} · ${counted(workload.nodes.length, 'node')} · ${counted(workload.pods.count, 'pod')} · ${evaluationFor(variants[0]!.evaluation, workload).kind} · ${workload.source.description}`,
    );
  if (workloads.length > SHOWN) lines.push(`  and ${workloads.length - SHOWN} more workloads`);
  return [`${job.name} · ${total} · ${used}`, ...lines].join('\n');
}

const DRAWN = {
  none: 'nothing but random ties: nodes and pods come as listed',
  nodes: 'the order of the nodes; pods arrive as recorded',
  pods: 'the order of the pods',
  both: 'the order of nodes and pods',
} as const;

/** Of the first configuration; axes may have others do otherwise. */
function evaluationLines(workload: Workload, variants: readonly Variant[]): string[] {
  const [first] = variants;
  const evaluation = evaluationFor(first!.evaluation, workload);
  const drawn = DRAWN[shuffleFor(first!, workload)];
  const { hasTimes } = workload;
  if (evaluation.kind === 'static') {
    return [
      `static evaluation${hasTimes ? '' : ', since the workload has no times'}: each pod is tried once, none ends; a seed draws ${drawn}`,
    ];
  }
  const pods = hasTimes
    ? 'pods arrive, wait, run for their lifetime and end'
    : 'the workload has no times, so pods arrive a second apart and stay';
  const { attemptTime, bindingMs } = evaluation;
  const what =
    evaluation.kind === 'timed'
      ? 'timed evaluation'
      : `whole cluster (${[evaluation.runtime, ...(evaluation.faults.length === 0 ? [] : [`${evaluation.faults.length} faults`])].join(', ')})`;
  return [
    `${what}: ${pods}; a seed draws ${drawn}`,
    `virtual time: attempts take ${attemptTime === 'upstream' ? 'what upstream measured' : attemptTime}, bindings ${bindingMs} ms`,
  ];
}
