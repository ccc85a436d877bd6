/** Addresses of one node's pods: from the second of its range on, those given back last of all. */
export class PodAddresses {
  private readonly base: number;
  private readonly last: number;
  private next = 2;
  private readonly free: number[] = [];
  private firstFree = 0;

  /** @param cidr Such as 10.88.0.0/16. */
  constructor(cidr: string) {
    const [address = '', prefix = '24'] = cidr.split('/');
    this.base = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    this.last = 2 ** (32 - Number(prefix)) - 2;
  }

  take(): string | undefined {
    if (this.next <= this.last) return this.textOf(this.next++);
    const offset = this.free[this.firstFree];
    if (offset === undefined) return undefined;
    this.firstFree++;
    if (this.firstFree > 64 && this.firstFree * 2 > this.free.length) {
      this.free.splice(0, this.firstFree);
      this.firstFree = 0;
    }
    return this.textOf(offset);
  }

  give(address: string): void {
    if (address === '') return;
    this.free.push(address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) - this.base);
  }

  private textOf(offset: number): string {
    const address = this.base + offset;
    return `${Math.floor(address / 2 ** 24)}.${Math.floor(address / 2 ** 16) % 256}.${Math.floor(address / 256) % 256}.${address % 256}`;
  }
}
