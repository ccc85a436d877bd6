/** Amounts of resources read from their texts, once per text: nodes come in few sizes. */
const KNOWN_MAX = 4096;

export class AmountCache {
  private readonly read: (text: string) => number;
  private readonly known = new Map<string, number>();

  constructor(read: (text: string) => number) {
    this.read = read;
  }

  of(text: string | undefined): number {
    if (text === undefined || text === null) return 0;
    let amount = this.known.get(text);
    if (amount === undefined) {
      amount = this.read(text);
      if (this.known.size < KNOWN_MAX) this.known.set(text, amount);
    }
    return amount;
  }
}
