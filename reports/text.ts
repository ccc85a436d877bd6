/** Plain text for terminals: wrapped lines, aligned columns, shortened names. */

/** Breaks at spaces so that no line is longer than `width`, if it can be helped; all lines but the first are indented. */
export function wrap(text: string, width: number, indent = 0): string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(' ')) {
    const room = width - (lines.length > 0 ? indent : 0);
    if (line !== undefined && line.trim() !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === undefined ? word : `${line} ${word}`;
  }
  lines.push(line ?? '');
  return lines.map((part, i) => (i === 0 ? part : ' '.repeat(indent) + part));
}

/** `title: item · item`, broken between items; an item longer than a line is wrapped like any text. */
export function wrapItems(title: string, items: readonly string[], width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = `${title}:`;
  for (const [i, item] of items.entries()) {
    const next = i === 0 ? ` ${item}` : ` · ${item}`;
    if (i > 0 && line.length + next.length > width) {
      lines.push(`${line} ·`);
      line = ' '.repeat(indent) + item;
    } else line += next;
  }
  return [...lines, line].flatMap((text) => wrap(text, width, indent));
}

/** Cuts the middle out of a name that is too long: its start and its end tell most. */
export function shorten(name: string, width: number): string {
  if (name.length <= width) return name;
  const end = Math.floor((width - 1) / 2);
  return `${name.slice(0, width - 1 - end)}…${name.slice(name.length - end)}`;
}

/** Cells padded to the width of their columns; `left` tells which columns are text. */
export function alignRows(rows: ReadonlyArray<readonly string[]>, left: readonly boolean[], gap = 3): string[] {
  const widths = left.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const pad = (cell: string, i: number): string => (left[i] ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!));
  return rows.map((row) => row.map(pad).join(' '.repeat(gap)).trimEnd());
}

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
