export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Line and column of an offset, both from 1. A column is a character, not a byte. */
export function positionAt(text: string, offset: number): Position {
  let line = 1;
  let start = 0;
  for (;;) {
    const end = text.indexOf('\n', start);
    if (end < 0 || end >= offset) return { line, column: [...text.slice(start, offset)].length + 1 };
    line++;
    start = end + 1;
  }
}
