/** `berth demo`: what berth is for, with one command and nothing to prepare. */
import { Command } from 'commander';
import { planCells, SHIPPED_CONFIGS } from '../bench/index.ts';
import { openbTable } from '../workloads/index.ts';
import { runJob } from './run-job.ts';
import { addSharedOptions, type SharedOptions } from './run-options.ts';

interface Options extends SharedOptions {
  readonly debug?: boolean;
}

export function demoCommand(): Command {
  const command = new Command('demo').description(
    'Compare four configurations on a GPU cluster of 1,523 nodes, in under a minute',
  );
  return addSharedOptions(command, [1, 2, 3]).action(async (_, self: Command) => {
    const options = self.optsWithGlobals<Options>();
    const { engine, seeds } = options;
    // The shipped tables have no times, and what differs shows in a tenth of the time.
    const evaluation = { kind: 'static' } as const;
    await runJob({
      ...options,
      name: 'openb',
      workloads: [openbTable()],
      variants: SHIPPED_CONFIGS.map((config) => ({ ...config, engine, tieBreak: 'heap', evaluation })),
      cells: planCells({ workloads: 1, variants: SHIPPED_CONFIGS.length, seeds }),
      debug: options.debug === true,
      next: 'berth run --trace openb --config YOURS.yaml --seeds 1..3 runs your own configuration on this workload',
    });
  });
}
