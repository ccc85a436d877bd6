/**
 * Pods that are made from one template have specs of the same content: what the server makes of such a spec is made once and
 * shared. A spec is looked up by reference, and then by its text, which tells equal content exactly.
 *
 * Cost: a Map lookup for a spec seen before, one JSON.stringify for one that only looks the same.
 */
import type { PodSpec } from '../../../../api/index.ts';

const TEXTS_MAX = 4096;
const LENGTH_MAX = 4096;

export class SpecCache {
  private readonly make: (spec: PodSpec) => PodSpec;
  private readonly byReference = new WeakMap<PodSpec, PodSpec>();
  private readonly byText = new Map<string, PodSpec>();

  /** @param make Depends on nothing but the content of the spec. */
  constructor(make: (spec: PodSpec) => PodSpec) {
    this.make = make;
  }

  get(given: PodSpec): PodSpec {
    // Pods on nodes differ, and come but once.
    if (given.nodeName) return this.make(given);
    let made = this.byReference.get(given);
    if (made !== undefined) return made;
    const text = JSON.stringify(given);
    made = this.byText.get(text);
    if (made === undefined) {
      made = this.make(given);
      if (text.length <= LENGTH_MAX) this.keep(text, made);
    }
    this.byReference.set(given, made);
    return made;
  }

  private keep(text: string, made: PodSpec): void {
    if (this.byText.size >= TEXTS_MAX) this.byText.clear();
    this.byText.set(text, made);
  }
}
