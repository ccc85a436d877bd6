/**
 * What controllers said about objects of the namespace: which events there are is exact, how often and when is not. Left out
 * are those of the scheduler, and of a Deployment: how many steps a rollout takes depends on how fast pods get ready.
 */
import { anonymous } from './view.ts';

export interface RecordedEvent {
  readonly type: string;
  readonly reason: string;
  readonly object: string;
  readonly source: string;
  readonly message: string;
}

const SOURCES = new Set(
  ['statefulset', 'daemonset', 'job', 'cronjob', 'replicaset'].map((kind) => `${kind}-controller`),
);

/** The name that a pod would have had. */
const REFUSED_POD = /pods "(\S+-)[bcdfghjklmnpqrstvwxz2456789]{5}"/;

/** Each once, sorted. */
export function eventTexts(events: Iterable<RecordedEvent>): string[] {
  const texts = new Set<string>();
  for (const { type, reason, object, source, message } of events) {
    if (!SOURCES.has(source)) continue;
    const words = message.replace(REFUSED_POD, 'pods "$1<p>"');
    texts.add(anonymous(`${source}: ${type} ${reason} ${object}: ${words}`));
  }
  return [...texts].sort();
}
