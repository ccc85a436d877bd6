import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseFeatureGates } from './feature-gates.ts';

describe('--feature-gates', () => {
  it('takes a list as kube-scheduler does, and adds up', () => {
    const first = parseFeatureGates('GenericWorkload=true, SchedulerAsyncPreemption=False');
    expect(first).toEqual({ GenericWorkload: true, SchedulerAsyncPreemption: false });
    expect(parseFeatureGates('GenericWorkload=false', first)).toEqual({
      GenericWorkload: false,
      SchedulerAsyncPreemption: false,
    });
  });

  it.each([
    ['GenericWorkload', '"GenericWorkload" is not of the form GenericWorkload=true.'],
    ['GenericWorkload=yes', '"GenericWorkload=yes" is not of the form GenericWorkload=true.'],
    ['', '"" is not of the form GenericWorkload=true.'],
    ['NoSuchGate=true', /^NoSuchGate is not known here; known are SchedulerPopFromBackoffQ, /],
  ])('refuses %o', (text, message) => {
    expect(() => parseFeatureGates(text)).toThrow(InvalidArgumentError);
    expect(() => parseFeatureGates(text)).toThrow(message);
  });
});
