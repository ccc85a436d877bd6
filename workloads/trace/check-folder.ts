/** Everything that can be wrong with a folder in berth's own format, counted over all of its rows. */
import { InputError, subdomainErrors } from '../../api/index.ts';
import { readPools, readShapes } from '../trace-kinds.ts';
import type { TraceSink } from './model.ts';
import { readFolder } from './read-folder.ts';
import { type FileCount, Tally } from './refusals.ts';

export interface FolderCheck {
  readonly files: readonly FileCount[];
  readonly nodes: number;
  readonly pods: number;
  readonly problems: number;
  /** The first of them. */
  readonly messages: readonly string[];
}

/** Throws InputError where the folder or its lists of kinds cannot be read at all. */
export async function checkFolder(dir: string): Promise<FolderCheck> {
  readPools(dir);
  readShapes(dir);
  const tally = new Tally('skip');
  const sink = new CheckingSink();
  await readFolder(dir, sink, tally);
  return { files: tally.files, nodes: sink.nodes, pods: sink.pods, problems: tally.refused, messages: tally.messages };
}

class CheckingSink implements TraceSink {
  nodes = 0;
  pods = 0;
  private pools = 0;
  private shapes = 0;
  private readonly nodeNames = new NameSet();
  private readonly podNames = new NameSet();

  pool(): number {
    return this.pools++;
  }

  shape(): number {
    return this.shapes++;
  }

  node(name: string): void {
    check(name, 'node', this.nodeNames);
    this.nodes++;
  }

  pod(name: string, _shape: number, _arrival: number, _lifetime: number, owner: string, gang: number): void {
    check(name, 'pod', this.podNames);
    if (gang > 0 && owner === '') throw new InputError(`pod ${name} is of a gang of ${gang} without an owner`);
    this.pods++;
  }
}

function check(name: string, what: string, names: NameSet): void {
  const problem = subdomainErrors(name)[0];
  if (problem !== undefined)
    throw new InputError(`${JSON.stringify(name)} cannot be the name of a ${what}: ${problem}`);
  if (!names.add(name))
    throw new InputError(`a ${what} ${JSON.stringify(name)} stands there already; names are unique`);
}

/** Which names were there, in 8 bytes each: by 53 bits of a hash, so a clash in ten million names has a chance of one in 180. */
class NameSet {
  private slots = new Float64Array(1024).fill(-1);
  private count = 0;

  /** False for a name that is there. */
  add(name: string): boolean {
    if (this.count * 2 > this.slots.length) this.grow();
    const at = this.place(this.slots, hashOf(name));
    if (this.slots[at] !== -1) return false;
    this.slots[at] = hashOf(name);
    this.count++;
    return true;
  }

  private place(slots: Float64Array, hash: number): number {
    let at = hash % slots.length;
    while (slots[at] !== -1 && slots[at] !== hash) at = at + 1 === slots.length ? 0 : at + 1;
    return at;
  }

  private grow(): void {
    const wider = new Float64Array(this.slots.length * 2).fill(-1);
    for (const hash of this.slots) if (hash !== -1) wider[this.place(wider, hash)] = hash;
    this.slots = wider;
  }
}

function hashOf(text: string): number {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b) ^ (b >>> 13);
  }
  return (a >>> 0) * 2 ** 21 + (b >>> 11);
}
