/** Times as the API writes them, to the second; what many objects say in one second is one text. */
const KEPT = 64;

const texts = new Map<number, string>();

export const Seconds = {
  of(timeMs: number): string {
    const second = Math.floor(timeMs / 1000);
    let text = texts.get(second);
    if (text === undefined) {
      if (texts.size >= KEPT) texts.clear();
      text = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
      texts.set(second, text);
    }
    return text;
  },
};
