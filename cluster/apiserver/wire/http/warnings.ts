/**
 * What the client should know, as headers `Warning`: each text once, and never more than a header can hold.
 * Source: `apiserver/pkg/endpoints/filters/warning.go`, v0.37.2.
 */

/** From this many characters in all on, each warning is cut. */
const MAX_TOTAL = 4096;
const MAX_CUT = 256;

export class Warnings {
  private readonly texts = new Set<string>();

  /** All headers with another text. */
  with(text: string): string[] {
    this.texts.add(text);
    let total = 0;
    for (const each of this.texts) total += each.length;
    const longest = total > MAX_TOTAL ? MAX_CUT : MAX_TOTAL;
    const headers: string[] = [];
    let left = MAX_TOTAL;
    for (const each of this.texts) {
      const shown = each.slice(0, longest);
      left -= shown.length;
      if (left < 0) break;
      headers.push(`299 - "${quoted(shown)}"`);
    }
    return headers;
  }
}

const quoted = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replace(/[^\x20-\x7e]/g, '?');
