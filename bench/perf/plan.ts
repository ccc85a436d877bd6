/** From suite files to workloads that can be run, and the reasons of those that cannot. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { type Hooks, hooksOf } from './hooks.ts';
import { ObjectTemplates } from './objects.ts';
import { SuiteText } from './schema/fields.ts';
import {
  type ResolvedWorkload,
  readTestCases,
  resolveWorkload,
  type TestCase,
  type Workload,
} from './schema/test-case.ts';
import { unsupported } from './supports.ts';
import { firstObjects } from './template-uses.ts';
import { topicOf } from './topic.ts';

export interface Selection {
  /** As upstream's label filter: `a,-b`; '' for all. */
  readonly labels: string;
  /** Asked for `case/workload`. @default all */
  readonly cases?: RegExp;
  /** @default by the folder of each file */
  readonly topic?: string;
}

export interface PlannedWorkload {
  readonly suite: PlannedSuite;
  /** Among all workloads of the file. */
  readonly index: number;
  readonly testCase: TestCase;
  readonly workload: Workload;
  readonly hooks: Hooks;
  /** Absent when something is wrong with it. */
  readonly resolved?: ResolvedWorkload;
  readonly error?: InputError;
  /** What it needs that there is not. */
  readonly lacking?: string;
}

export interface PlannedSuite {
  readonly file: string;
  readonly dir: string;
  readonly topic: string;
  readonly templates: ObjectTemplates;
  readonly workloads: readonly PlannedWorkload[];
}

/** Throws InputError for a file that cannot be read, and when nothing is selected. */
export function planSuites(files: readonly string[], selection: Selection): PlannedSuite[] {
  const suites = files.map((file) => planSuite(file, selection));
  if (suites.some(({ workloads }) => workloads.length > 0)) return suites;
  const cases = selection.cases === undefined ? '' : ` and --case ${selection.cases.source}`;
  throw new InputError(
    `no workload has the labels --label "${selection.labels}"${cases}; the files have ${labelsOf(files)} (--label "" takes all)`,
  );
}

function planSuite(file: string, { labels, cases, topic = topicOf(file) }: Selection): PlannedSuite {
  const dir = path.dirname(file);
  const templates = new ObjectTemplates(dir);
  const workloads: PlannedWorkload[] = [];
  const suite: PlannedSuite = { file, dir, topic, templates, workloads };
  let index = -1;
  for (const testCase of readSuite(file)) {
    for (const workload of testCase.workloads) {
      index++;
      const name = `${testCase.name}/${workload.name}`;
      if (!isEnabled(labels.split(','), [...testCase.labels, ...workload.labels])) continue;
      if (cases === undefined || cases.test(name)) workloads.push(planWorkload(suite, index, testCase, workload));
    }
  }
  return suite;
}

function readSuite(file: string): TestCase[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'this is a folder, not a file' : message;
    throw new InputError(`${file}: ${why}`);
  }
  return readTestCases(new SuiteText(text, file));
}

function planWorkload(suite: PlannedSuite, index: number, testCase: TestCase, workload: Workload): PlannedWorkload {
  const hooks = hooksOf(suite.topic, testCase, workload);
  const planned = { suite, index, testCase, workload, hooks };
  try {
    const resolved = resolveWorkload(testCase, workload, hooks.params);
    const lacking = unsupported(resolved, firstObjects(resolved, suite.templates), inTreePlugins);
    return { ...planned, resolved, lacking };
  } catch (error) {
    if (error instanceof InputError) return { ...planned, error };
    throw error;
  }
}

/** Every label of the filter must be there, and none of those with a minus. Source: `label_selector.go`, v1.37.2. */
export function isEnabled(filter: readonly string[], labels: readonly string[]): boolean {
  return filter.every((entry) => {
    if (entry === '') return true;
    const isWanted = !entry.startsWith('-');
    return labels.includes(entry.replace(/^[-+]/, '')) === isWanted;
  });
}

function labelsOf(files: readonly string[]): string {
  const labels = files
    .flatMap(readSuite)
    .flatMap((testCase) => [...testCase.labels, ...testCase.workloads.flatMap((workload) => workload.labels)]);
  return [...new Set(labels)].sort().join(', ') || 'none';
}
