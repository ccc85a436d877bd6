import { describe, expect, it } from 'vitest';
import { Value } from '../../cluster/store/index.ts';
import { parseTxn } from './txn.ts';

describe('the language of etcdctl txn', () => {
  it('three parts that empty lines end, words in quotes', () => {
    expect(parseTxn('mod("a \\"b\\"") > "3"\nvalue("c") != "x"\n\nput k "two words"\nget a z\n\ndel k\n')).toEqual({
      compare: [
        { key: 'a "b"', target: 'mod', operator: '>', operand: 3 },
        { key: 'c', target: 'value', operator: '!=', operand: Value.ofText('x') },
      ],
      success: [
        { type: 'put', key: 'k', value: Value.ofText('two words') },
        { type: 'range', key: 'a', rangeEnd: 'z' },
      ],
      failure: [{ type: 'delete', key: 'k' }],
    });
  });

  it('what it does not understand is named with its line', () => {
    expect(() => parseTxn('mod(a) = 1\n')).toThrow('standard input:1: "mod(a) = 1" is no comparison');
    expect(() => parseTxn('ver("a") = "x"\n')).toThrow('standard input:1: "x" is no whole number');
    expect(() => parseTxn('\nput a\n')).toThrow('standard input:2: "put a" is no request');
  });
});
