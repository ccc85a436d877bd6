/** One form for whatever way addresses and ports were written down. */
import { describe, expect, it } from 'vitest';
import { CAPACITY, isOverCapacity, repacked, truncated } from './subsets.ts';

const at = (ip: string) => ({ ip });
const PORT = { port: 80, protocol: 'TCP' };

describe('subsets', () => {
  it('put ports together that have the same addresses', () => {
    const other = { port: 90, protocol: 'TCP' };
    const given = [
      { addresses: [at('1.1.1.1')], ports: [PORT] },
      { addresses: [at('1.1.1.2')], ports: [PORT] },
      { addresses: [at('1.1.1.2'), at('1.1.1.1')], ports: [other] },
    ];
    expect(repacked(given)).toEqual([{ addresses: [at('1.1.1.1'), at('1.1.1.2')], ports: [PORT, other] }]);
  });

  it('take an address as not ready that is so anywhere', () => {
    const given = [
      { addresses: [at('1.1.1.1')], ports: [PORT] },
      { notReadyAddresses: [at('1.1.1.1')], ports: [PORT] },
    ];
    expect(repacked(given)).toEqual([{ notReadyAddresses: [at('1.1.1.1')], ports: [PORT] }]);
  });

  it('keep addresses without ports', () => {
    expect(repacked([{ addresses: [at('1.1.1.1')] }])).toEqual([{ addresses: [at('1.1.1.1')] }]);
  });

  it('hold no more than a thousand addresses, ready ones first', () => {
    const many = (count: number, first: number) =>
      Array.from({ length: count }, (_, i) => at(`10.${first}.${i >> 8}.${i & 255}`));
    const given = [{ addresses: many(700, 1), notReadyAddresses: many(500, 2), ports: [PORT] }];
    expect(isOverCapacity(given)).toBe(true);
    const [kept] = truncated(given);
    expect([kept!.addresses!.length, kept!.notReadyAddresses!.length]).toEqual([700, CAPACITY - 700]);
    const [onlyReady] = truncated([{ addresses: many(1200, 1), notReadyAddresses: many(5, 2), ports: [PORT] }]);
    expect([onlyReady!.addresses!.length, onlyReady!.notReadyAddresses]).toEqual([CAPACITY, undefined]);
  });
});
