/**
 * What controllers said about objects of the scenario: which events there are is exact, how often and when is not. Left out
 * are those of the scheduler, which chooses nodes freely, and in how many steps a Deployment got to its number: that depends
 * on how fast pods get ready.
 */
import { anonymous } from './view.ts';

export interface RecordedEvent {
  readonly type: string;
  readonly reason: string;
  readonly object: string;
  readonly source: string;
  readonly message: string;
}

const UNSTEADY = new Set(['default-scheduler']);

/** One of many stands for all from the tenth on: that is a matter of how many. */
const COMBINED = /^\(combined from similar events\): /;
/** Who comes too late depends on who is quick. */
const LATE = 'the object has been modified';
const NUMBERS = /^(Scaled (?:up|down) replica set \S+) from \d+ to \d+$/;

/** The name that a pod would have had. */
const REFUSED_POD = /pods "(\S+-)[bcdfghjklmnpqrstvwxz2456789]{5}"/;

/** Each once, sorted. */
export function eventTexts(events: Iterable<RecordedEvent>): string[] {
  const texts = new Set<string>();
  for (const { type, reason, object, source, message } of events) {
    if (UNSTEADY.has(source) || message.includes(LATE)) continue;
    const words = message.replace(REFUSED_POD, 'pods "$1<p>"').replace(COMBINED, '').replace(NUMBERS, '$1');
    texts.add(anonymous(`${source}: ${type} ${reason} ${object}: ${words}`));
  }
  return [...texts].sort();
}
