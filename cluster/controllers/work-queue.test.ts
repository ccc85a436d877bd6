/** Keys are worked on once at a time, and those that fail ever more rarely. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { RateLimiter } from './rate-limiter.ts';
import { Refusal, type Steps } from './steps.ts';
import { WorkQueue } from './work-queue.ts';

const REFUSAL = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 500 } as const;

describe('WorkQueue', () => {
  it('works once on what was added many times, and not before it is started', () => {
    const clock = new VirtualClock(0);
    const seen: string[] = [];
    const queue = new WorkQueue({
      clock,
      // biome-ignore lint/correctness/useYield: it has nothing to wait for
      *sync(key): Steps {
        seen.push(key);
      },
    });
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    clock.runUntil(10);
    expect(seen).toEqual([]);
    queue.start();
    clock.runUntil(20);
    expect(seen).toEqual(['a', 'b']);
  });

  it('waits 5 ms after a refusal, then twice as long each time', () => {
    const clock = new VirtualClock(0);
    const times: number[] = [];
    const queue = new WorkQueue({
      clock,
      // biome-ignore lint/correctness/useYield: it is refused before it waits for anything
      *sync(): Steps {
        times.push(clock.nowMs);
        throw new Refusal(REFUSAL);
      },
    });
    queue.start();
    queue.add('a');
    clock.runUntil(100);
    expect(times).toEqual([0, 5, 15, 35, 75]);
  });

  it('works again on what was added while it was worked on', () => {
    const clock = new VirtualClock(0);
    let resume = (): void => {};
    let isBusy = false;
    const queue = new WorkQueue({
      clock,
      *sync(): Steps {
        expect(isBusy).toBe(false);
        isBusy = true;
        yield (answer) => {
          resume = answer;
        };
        isBusy = false;
      },
    });
    queue.start();
    queue.add('a');
    clock.runUntil(1);
    queue.add('a');
    clock.runUntil(2);
    expect(queue.syncs).toBe(1);
    resume();
    clock.runUntil(3);
    expect(queue.syncs).toBe(2);
  });
});

describe('RateLimiter', () => {
  it('lets 100 failures through at once and 10 a second after them, and never waits longer than 1000 s', () => {
    const limiter = new RateLimiter(new VirtualClock(0));
    const delays = Array.from({ length: 120 }, (_, i) => limiter.delayMs(`key-${i}`));
    expect(delays.slice(0, 100)).toEqual(Array(100).fill(5));
    expect(delays[119]).toBeCloseTo(2000);
    for (let i = 0; i < 30; i++) limiter.delayMs('a');
    expect(limiter.delayMs('a')).toBe(1_000_000);
  });
});
