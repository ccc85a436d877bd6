/** Bytes in, lines out: a line may come in many pieces, and a piece may hold many. */
const NEW_LINE = 0x0a;

export class Lines {
  private readonly line: (text: string) => void;
  private parts: Buffer[] = [];

  constructor(line: (text: string) => void) {
    this.line = line;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(NEW_LINE, from);
      if (at < 0) break;
      this.parts.push(chunk.subarray(from, at));
      const text = this.parts.length === 1 ? this.parts[0]!.toString() : Buffer.concat(this.parts).toString();
      this.parts = [];
      from = at + 1;
      this.line(text);
    }
    if (from < chunk.length) this.parts.push(chunk.subarray(from));
  }
}
