import { expect, it } from 'vitest';
import { Warnings } from './warnings.ts';

it('tells each once, in a form that a header can hold', () => {
  const warnings = new Warnings();
  warnings.with('unknown field "a"');
  warnings.with('unknown field "a"');
  expect(warnings.with('für\n')).toEqual(['299 - "unknown field \\"a\\""', '299 - "f?r?"']);
});

it('cuts them when they are long, and leaves out what is too much', () => {
  const warnings = new Warnings();
  let headers: string[] = [];
  for (let i = 0; i < 100; i++) headers = warnings.with(`${i} ${'x'.repeat(10_000)}`);
  expect(headers[0]).toHaveLength(256 + '299 - ""'.length);
  expect(headers).toHaveLength(16);
});
