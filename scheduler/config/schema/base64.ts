/** Base64 as Go's `encoding/base64` (StdEncoding) reads it: padded, line breaks ignored. */

const DIGIT = /[A-Za-z0-9+/]/;

/** The text without line breaks when it is Base64, else the offset of the byte that Go complains about. */
export function decodeBase64(text: string): string | number {
  let digits = 0;
  let at = 0;
  const skipBreaks = (): void => {
    while (text[at] === '\n' || text[at] === '\r') at++;
  };
  for (skipBreaks(); at < text.length && DIGIT.test(text[at]!); skipBreaks()) {
    digits++;
    at++;
  }
  const inQuantum = digits % 4;
  if (at === text.length) return inQuantum === 0 ? text.replace(/[\r\n]/g, '') : text.length - inQuantum;
  if (text[at] !== '=' || inQuantum < 2) return at;
  const padding = 4 - inQuantum;
  for (let seen = 0; seen < padding; seen++) {
    skipBreaks();
    if (at >= text.length) return text.length;
    if (text[at] !== '=') return at - 1;
    at++;
  }
  skipBreaks();
  return at < text.length ? at : text.replace(/[\r\n]/g, '');
}
