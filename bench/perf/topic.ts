/**
 * The topic of a suite file: a part of the names of results, and thresholds may depend on it. Upstream's Go code names it
 * for each folder; this says the same from the folder alone.
 */
import path from 'node:path';

/** Folders whose topic is written otherwise. Source: `test/integration/scheduler_perf/<folder>/*_test.go`, v1.37.2. */
const TOPICS: Readonly<Record<string, string>> = {
  event_handling: 'eventhandling',
  topology_spreading: 'topologyspreading',
  workload_preemption: 'workloadpreemption',
};

/** Folders within this one have it in their topic. */
const NESTING = 'dra';

export function topicOf(file: string): string {
  const folders = path.dirname(path.resolve(file)).split(path.sep);
  const nesting = folders.lastIndexOf(NESTING);
  if (nesting >= 0) return folders.slice(nesting).join('_');
  const last = folders.at(-1) || 'suite';
  return Object.hasOwn(TOPICS, last) ? TOPICS[last]! : last;
}
