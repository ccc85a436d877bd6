/** The last things made, by what they were made of. Cost: O(1); keeps between `max` and twice as many. */
export class Recent<K, V> {
  private readonly max: number;
  private young = new Map<K, V>();
  private old = new Map<K, V>();

  constructor(max: number) {
    this.max = max;
  }

  get(key: K): V | undefined {
    return this.young.get(key) ?? this.old.get(key);
  }

  set(key: K, value: V): void {
    if (this.young.size >= this.max) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, value);
  }
}
