/** What a printer is: the columns of a kind, and the cells of one object. */
import type { KubeObject } from '../../../../api/index.ts';

export type Cell = string | number | boolean;

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 1: only with `-o wide`. */
  readonly priority: number;
}

export interface Printer {
  readonly columns: readonly Column[];
  cells(object: KubeObject, nowMs: number): Cell[];
  /** What a row says of its object as a whole. */
  conditions?(object: KubeObject): object[] | undefined;
}

/**
 * `Name! Ready Desired# Suspend? IP+`: separated by commas; `!` a name, `#` a whole number, `?` yes or no, `+` only in wide
 * tables.
 */
export function columns(line: string): Column[] {
  return line.split(', ').map((word) => {
    const [, name = '', marks = ''] = /^(.*?)([!#?+]*)$/.exec(word)!;
    const type = marks.includes('#') ? 'integer' : marks.includes('?') ? 'boolean' : 'string';
    return {
      name,
      type,
      format: marks.includes('!') ? 'name' : '',
      description: DESCRIPTIONS[name] ?? name,
      priority: marks.includes('+') ? 1 : 0,
    };
  });
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  Name: 'Name of the object, unique within its namespace.',
  Age: 'How long ago the object was created, by the clock of the server.',
};
