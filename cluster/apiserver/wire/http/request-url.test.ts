import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestUrl } from './request-url.ts';

const parts = [
  '/',
  '//',
  '.',
  '..',
  'api',
  'v1',
  'pods',
  'p-1',
  'a.b',
  'A:b',
  '%2e',
  '%zz',
  '\\',
  '?',
  '#',
  'x=1&y=%20',
  ' ',
  'ü',
];
const paths = fc.array(fc.constantFrom(...parts), { maxLength: 8 }).map((steps) => `/${steps.join('')}`);

describe('requestUrl', () => {
  it('reads every path as URL does', () => {
    const read = (path: string): object | string => {
      try {
        const { pathname, searchParams } = new URL(path, 'http://server');
        return { pathname, query: searchParams.toString() };
      } catch {
        return 'unreadable';
      }
    };
    const readHere = (path: string): object | string => {
      try {
        const { pathname, searchParams } = requestUrl(path);
        return { pathname, query: searchParams.toString() };
      } catch {
        return 'unreadable';
      }
    };
    fc.assert(
      fc.property(paths, (path) => {
        expect(readHere(path)).toEqual(read(path));
      }),
      { numRuns: 2000 },
    );
  });
});
