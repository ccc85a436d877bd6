/** HTML as text, with everything that comes from outside escaped. */

/** Text that is HTML already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

type Part = string | number | undefined | Html | readonly Part[];

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return escapeHtml(String(part));
}

/** A template whose values are escaped unless they are `Html`. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  let text = strings[0]!;
  for (const [i, part] of parts.entries()) text += textOf(part) + strings[i + 1]!;
  return new Html(text);
}

export interface TableColumn<Row> {
  readonly title: string;
  readonly isText?: boolean;
  value(row: Row): string | number | undefined;
}

/** @param caption Read out by screen readers, and shown. */
export function table<Row>(caption: string, columns: ReadonlyArray<TableColumn<Row>>, rows: readonly Row[]): Html {
  const head = columns.map(
    ({ title, isText }) => html`<th scope="col"${new Html(isText ? ' class="text"' : '')}>${title}</th>`,
  );
  const body = rows.map((row) => html`<tr>${columns.map((column, i) => cell(column, row, i === 0))}</tr>`);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function cell<Row>({ isText, value }: TableColumn<Row>, row: Row, isFirst: boolean): Html {
  const kind = new Html(isText ? ' class="text"' : '');
  const text = value(row);
  return isFirst ? html`<th scope="row"${kind}>${text}</th>` : html`<td${kind}>${text}</td>`;
}

/** Hidden until it is asked for. */
export const details = (summary: string, inner: Html): Html =>
  html`<details><summary>${summary}</summary>${inner}</details>`;
