import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../../../api/index.ts';
import { ApiFailure } from '../failures.ts';
import { registry } from '../kinds/table.ts';
import { parseFieldSelector } from './field-text.ts';
import { parseLabelSelector } from './label-text.ts';
import { selectionOf } from './selection.ts';

const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiFailure) return error.status.message!;
    throw error;
  }
  return '';
};

describe('label selectors as text', () => {
  const LABELS = { app: 'web', tier: 'front', n: '5' };
  it.each([
    ['', true],
    ['app=web', true],
    ['app==web,tier!=back', true],
    ['app in (web, db)', true],
    ['app notin (web,db)', false],
    ['missing notin (a)', true],
    ['missing!=a', true],
    ['app', true],
    ['!app', false],
    ['n>4,n<6', true],
    ['n>5', false],
    ['in=notin', false],
    ['app=', false],
  ])('%s', (text, matches) => {
    expect(parseLabelSelector(text).matches(LABELS)).toBe(matches);
  });
  it.each([
    ['a===b', "unable to parse requirement: found '=', expected: identifier"],
    ['a=b,', "found '', expected: identifier after ','"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['=a', "found '=', expected: !, identifier, or 'end of string'"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
  ])('%s is refused', (text, why) => {
    expect(refusal(() => parseLabelSelector(text))).toBe(why);
  });
});

describe('field selectors as text', () => {
  it('take escapes, and come in order', () => {
    expect(parseFieldSelector('b!=x\\,y,a==1,c=\\=')).toEqual([
      { field: 'a', value: '1', isEqual: true },
      { field: 'b', value: 'x,y', isEqual: false },
      { field: 'c', value: '=', isEqual: true },
    ]);
  });
  it.each([
    ['a', "invalid selector: 'a'; can't understand 'a'"],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['a=\\x', 'invalid field selector: invalid escape sequence: \\x'],
  ])('%s is refused', (text, why) => {
    expect(refusal(() => parseFieldSelector(text))).toBe(why);
  });
});

describe('selections', () => {
  const pods = registry.storedKind('Pod');
  const pod: Pod = { metadata: { name: 'p', namespace: 'a' }, spec: { nodeName: 'n0', containers: [] } };
  it('file their watchers by the narrowest thing that they ask for', () => {
    const fileOf = (fieldSelector: string, namespace: string) => selectionOf(pods, { fieldSelector }, namespace).file;
    expect(fileOf('', '')).toEqual({ by: 'all' });
    expect(fileOf('status.phase!=Failed', 'a')).toEqual({ by: 'namespace', namespace: 'a' });
    expect(fileOf('spec.nodeName=n0', 'a')).toEqual({ by: 'field', value: 'n0' });
    expect(fileOf('metadata.name=p', 'a')).toEqual({ by: 'name', namespace: 'a', name: 'p' });
  });
  it('match by fields and labels together', () => {
    const { matches } = selectionOf(pods, { fieldSelector: 'spec.nodeName=n0,status.phase!=Failed' }, '');
    expect(matches(pod as KubeObject)).toBe(true);
    expect(matches({ ...pod, status: { phase: 'Failed' } } as KubeObject)).toBe(false);
  });
  it('refuse fields that nobody can select by', () => {
    expect(refusal(() => selectionOf(pods, { fieldSelector: 'constructor=x' }, ''))).toBe(
      'field label not supported: constructor',
    );
  });
});
