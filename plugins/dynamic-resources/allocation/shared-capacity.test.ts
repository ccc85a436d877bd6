import { describe, expect, it } from 'vitest';
import { type CapacityPolicy, type Device, formatQuantity, parseQuantity } from '../../../api/index.ts';
import { capacityFits, consumedBy } from './shared-capacity.ts';

const shared = (value: string, requestPolicy?: CapacityPolicy): Device => ({
  name: 'd',
  allowMultipleAllocations: true,
  capacity: { memory: requestPolicy === undefined ? { value } : { value, requestPolicy } },
});

const asks = (memory: string) => ({ requests: { memory } });
const taken = (memory: string) => new Map([['memory', parseQuantity(memory)]]);
const NOTHING = new Map();

const amount = (device: Device, memory?: string): string =>
  formatQuantity(consumedBy(device, memory === undefined ? undefined : asks(memory)).get('memory')!);

describe('what a share takes', () => {
  it('is all there is when nothing is asked for, or the default', () => {
    expect(amount(shared('40Gi'))).toBe('40Gi');
    expect(amount(shared('40Gi', { default: '1Gi', validValues: ['1Gi'] }))).toBe('1Gi');
  });

  it('is the next valid value', () => {
    const device = shared('40Gi', { default: '1Gi', validValues: ['1Gi', '4Gi', '16Gi'] });
    expect(amount(device, '3Gi')).toBe('4Gi');
    expect(amount(device, '4Gi')).toBe('4Gi');
  });

  it('is the next step of a range', () => {
    const device = shared('100', { default: '10', validRange: { min: '10', step: '5' } });
    expect(amount(device, '3')).toBe('10');
    expect(amount(device, '11')).toBe('15');
  });
});

describe('whether a share is left', () => {
  it('counts shares that are held and that are being given out', () => {
    const device = shared('10');
    expect(capacityFits(device, asks('4'), taken('3'), taken('3'))).toBe(true);
    expect(capacityFits(device, asks('5'), taken('3'), taken('3'))).toBe(false);
  });

  it('keeps to the policy of the device', () => {
    const values = shared('10', { default: '1', validValues: ['1', '2'] });
    expect(capacityFits(values, asks('3'), NOTHING, NOTHING)).toBe(false);
    const range = shared('10', { default: '1', validRange: { min: '1', max: '4' } });
    expect(capacityFits(range, asks('4'), NOTHING, NOTHING)).toBe(true);
    expect(capacityFits(range, asks('5'), NOTHING, NOTHING)).toBe(false);
  });

  it('is not for a capacity that the device lacks', () => {
    expect(capacityFits(shared('10'), { requests: { cores: '1' } }, NOTHING, NOTHING)).toBe(false);
  });

  it('refuses less than nothing', () => {
    expect(() => capacityFits(shared('10'), asks('-1'), NOTHING, NOTHING)).toThrow(
      'capacity "memory": capacity value is negative',
    );
  });
});
