/** `berth trace stats`: what a trace looks like in numbers. */
import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { ColumnSink } from '../workloads/index.ts';
import { addSourceOptions, openTrace, type SourceOptions } from './trace-source.ts';
import { traceStatistics, UNITS, type Unit } from './trace-statistics.ts';
import { statisticsLines } from './trace-stats-lines.ts';

interface Options extends SourceOptions {
  readonly per: Unit;
  readonly output: 'text' | 'json';
  readonly html?: string;
}

const DAY_SECONDS = 86_400;

export function statsCommand(): Command {
  const command = new Command('stats').description(
    'Print what a trace looks like: arrivals, lifetimes, shapes, how they go together',
  );
  return addSourceOptions(command)
    .addOption(new Option('--per <unit>', 'what counts as one arrival').choices([...UNITS]).default('gang'))
    .addOption(new Option('-o, --output <format>', 'format').choices(['text', 'json']).default('text'))
    .option('--html <file>', 'also write a page with pictures, which opens offline')
    .action(async (names: string[], options: Options) => {
      const source = await openTrace(names, options);
      const sink = new ColumnSink();
      await source.read(sink);
      const statistics = traceStatistics(sink.columns(), options.per, source.startUnixSeconds % DAY_SECONDS);
      const text =
        options.output === 'json'
          ? JSON.stringify(statistics, null, 2)
          : statisticsLines(source.title, statistics).join('\n');
      process.stdout.write(`${text}\n`);
      if (options.html === undefined) return;
      // Pictures need a library that nothing else here does.
      const [{ tracePage }, { traceReport }] = await Promise.all([
        import('../reports/html/trace-page.ts'),
        import('./trace-report.ts'),
      ]);
      writeFileSync(options.html, tracePage(traceReport(source.title, statistics)));
      process.stderr.write(`page in ${options.html}\n`);
    });
}
