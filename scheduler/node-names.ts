/**
 * Name → row, by open addressing: a row per slot, and the names where the nodes have them. A Map takes four times the memory,
 * and three times the time to fill.
 *
 * Layout: 4 bytes per slot, at most three slots in four taken, and the hash of each row's name. Cost: hashing the name, and a
 * look at the name of a node, which may be far away in memory, for a name that is there.
 */
const FREE = -1;
/** Was taken once: a search goes on behind it. */
const GONE = -2;
const FIRST_SLOTS = 128;

export class NodeNames {
  count = 0;
  private readonly nameOf: (row: number) => string;
  private slots = new Int32Array(FIRST_SLOTS).fill(FREE);
  /** By row. */
  private hashes = new Int32Array(0);
  /** Slots that are not free. */
  private taken = 0;

  constructor(nameOf: (row: number) => string) {
    this.nameOf = nameOf;
  }

  /** Makes room for rows below `size`. */
  grow(size: number): void {
    const hashes = new Int32Array(size);
    hashes.set(this.hashes);
    this.hashes = hashes;
  }

  /** −1 where there is none. */
  rowOf(name: string): number {
    return this.slots[this.slotOf(name, hashOf(name))]!;
  }

  /** The name must not be known yet. */
  add(name: string, row: number): void {
    if ((this.taken + 1) * 4 > this.slots.length * 3) this.makeRoom();
    this.hashes[row] = hashOf(name);
    this.put(row);
    this.count++;
  }

  /** While `nameOf` still knows the name of the row. */
  remove(name: string): void {
    const at = this.slotOf(name, hashOf(name));
    if (this.slots[at] === FREE) return;
    this.slots[at] = GONE;
    this.count--;
  }

  /** The slot of the name, or one that is free where there is none. */
  private slotOf(name: string, hash: number): number {
    const { slots, hashes } = this;
    const mask = slots.length - 1;
    let at = hash & mask;
    for (let row = slots[at]!; row !== FREE; row = slots[at]!) {
      if (row !== GONE && hashes[row] === hash && this.nameOf(row) === name) return at;
      at = (at + 1) & mask;
    }
    return at;
  }

  private put(row: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let at = this.hashes[row]! & mask;
    while (slots[at] !== FREE) at = (at + 1) & mask;
    slots[at] = row;
    this.taken++;
  }

  private makeRoom(): void {
    const { slots } = this;
    // Where most of what is taken is gone there is room without growing.
    const isCrowded = this.count * 2 > slots.length;
    this.slots = new Int32Array(isCrowded ? slots.length * 2 : slots.length).fill(FREE);
    this.taken = 0;
    for (const row of slots) if (row >= 0) this.put(row);
  }
}

/** FNV-1a, with its high bits brought down. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) ^ (hash >>> 12);
}
