import { describe, expect, test } from 'vitest';
import { BusyClock } from './busy-clock.ts';

const START_MS = 1_000_000;
const SLICE_MS = 10_000;

/** Keeps the thread busy. */
function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until) {}
}

describe('the clock of a measured scheduler', () => {
  test('jumps over what nobody waits for', () => {
    const clock = new BusyClock(START_MS);
    let isDone = false;
    clock.at(START_MS + 3_600_000, () => {
      isDone = true;
    });
    const startedMs = performance.now();
    expect(clock.run(() => isDone, SLICE_MS)).toBe(true);
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(clock.nowMs).toBeGreaterThanOrEqual(START_MS + 3_600_000);
    expect(clock.skippedMs).toBeGreaterThan(3_599_000);
  });

  test('goes on while there is work, so that a later task is late', () => {
    const clock = new BusyClock(START_MS);
    const times: number[] = [];
    clock.at(START_MS, () => work(20));
    clock.at(START_MS + 5, () => times.push(clock.nowMs - START_MS));
    clock.run(() => times.length === 1, SLICE_MS);
    expect(times[0]).toBeGreaterThanOrEqual(20);
    expect(clock.busyMs).toBeGreaterThanOrEqual(20);
    expect(clock.cpuMs).toBeGreaterThan(0);
  });

  test('stands still between runs', () => {
    const clock = new BusyClock(START_MS);
    clock.at(START_MS, () => {});
    clock.run(() => true, SLICE_MS);
    const { nowMs, busyMs } = clock;
    work(20);
    expect([clock.nowMs, clock.busyMs]).toEqual([nowMs, busyMs]);
    clock.run(() => true, SLICE_MS);
    expect(clock.nowMs - nowMs).toBeLessThan(20);
  });

  test('lets what was put off happen before the next task, and does not turn back', () => {
    const clock = new BusyClock(START_MS);
    const seen: string[] = [];
    clock.at(START_MS + 2, () => seen.push('second'));
    clock.at(START_MS + 1, () => {
      clock.whenSettled(() => seen.push('settled'));
      clock.soon(() => seen.push('soon'));
      clock.at(START_MS, () => seen.push('late'));
      seen.push('first');
    });
    const taken = clock.timer(START_MS + 1, () => seen.push('taken back'));
    taken();
    clock.run(() => seen.length === 5, SLICE_MS);
    expect(seen.slice(0, 3)).toEqual(['first', 'soon', 'settled']);
    expect(new Set(seen.slice(3))).toEqual(new Set(['late', 'second']));
  });

  test('comes back after a slice, and says when nothing is left', () => {
    const clock = new BusyClock(START_MS);
    const again = (): void => {
      work(1);
      clock.at(clock.nowMs, again);
    };
    again();
    expect(clock.run(() => false, 5)).toBe(false);
    expect(() => new BusyClock(START_MS).run(() => false, 5)).toThrow('nothing is left to do');
  });
});
