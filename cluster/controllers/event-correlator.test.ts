import { describe, expect, it } from 'vitest';
import { EventCorrelator } from './event-correlator.ts';

const said = (message: string, uid = 'u') => ({ uid, type: 'Normal', reason: 'Done', message });

/** What is written of messages that come one second after the other. */
function written(messages: readonly string[], uid?: string): string[] {
  const correlator = new EventCorrelator();
  let names = 0;
  return messages.flatMap((message, second) => {
    const found = correlator.correlate(said(message, uid), second * 1000, () => `e${++names}`);
    return found === undefined ? [] : [`${found.name} ${found.count} ${found.message}`];
  });
}

describe('events', () => {
  it('with the same words are one, and are counted', () => {
    expect(written(['a', 'b', 'a', 'a'])).toEqual(['e1 1 a', 'e2 1 b', 'e1 2 a', 'e1 3 a']);
  });

  it('of a kind become one from the tenth on', () => {
    const many = written(Array.from({ length: 12 }, (_, i) => `pod ${i}`));
    expect(many.slice(8)).toEqual([
      'e9 1 pod 8',
      'e10 1 (combined from similar events): pod 9',
      'e10 2 (combined from similar events): pod 10',
      'e10 3 (combined from similar events): pod 11',
    ]);
  });

  it('about one object are cut off after 25, and one gets through every five minutes', () => {
    const correlator = new EventCorrelator();
    const count = (nowMs: number): number =>
      Array.from({ length: 40 }).filter(() => correlator.correlate(said('a'), nowMs, () => 'e') !== undefined).length;
    expect(count(0)).toBe(25);
    expect(count(299_000)).toBe(0);
    expect(count(300_000)).toBe(1);
    expect(correlator.correlate(said('a', 'other'), 300_000, () => 'e')).toBeDefined();
  });
});
