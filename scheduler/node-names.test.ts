import { describe, expect, it } from 'vitest';
import { NodeNames } from './node-names.ts';

describe('names of nodes', () => {
  it('are found as a Map finds them while nodes come and go', () => {
    const nameOf: string[] = [];
    const names = new NodeNames((row) => nameOf[row]!);
    names.grow(4000);
    const known = new Map<string, number>();
    const free: number[] = [];
    for (let step = 0, seed = 1; step < 20_000; step++) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      const name = `node-${(seed >> 8) % 5000}`;
      const row = known.get(name);
      expect(names.rowOf(name)).toBe(row ?? -1);
      if (row !== undefined) {
        names.remove(name);
        known.delete(name);
        free.push(row);
      } else if (known.size < 4000) {
        const place = free.pop() ?? nameOf.length;
        nameOf[place] = name;
        names.add(name, place);
        known.set(name, place);
      }
      expect(names.count).toBe(known.size);
    }
    expect(known.size).toBeGreaterThan(1000);
  });
});
