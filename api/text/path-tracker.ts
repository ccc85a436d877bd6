/**
 * Finds where a field of a document is written while somebody walks the document. Fields that are absent are found as
 * far as the path goes.
 */
export class PathTracker {
  /** Offset of the deepest part of the path that was met. */
  at: number;
  private rest: string;
  private leastLeft: number;

  /**
   * @param path As in error messages: `spec.containers[0].resources.requests[cpu]`.
   * @param start Offset of the document, −1 when the walk will tell.
   */
  constructor(path: string, start: number) {
    this.rest = path;
    this.leastLeft = path.length;
    this.at = start;
  }

  /** Whether the walk is on the path. Only then must it `enter` fields, and `leave` what it entered. */
  get isOnPath(): boolean {
    return this.rest !== '';
  }

  /** The rest of the path, to be handed to `leave`; undefined when the field is not on the path. */
  enterKey(key: string, offset: number): string | undefined {
    const { rest } = this;
    if (rest.startsWith(`[${key}]`)) return this.enter(key.length + 2, offset);
    const end = rest.charAt(key.length);
    return rest.startsWith(key) && (end === '' || end === '.' || end === '[')
      ? this.enter(key.length, offset)
      : undefined;
  }

  enterIndex(index: number, offset: number): string | undefined {
    const step = `[${index}]`;
    return this.rest.startsWith(step) ? this.enter(step.length, offset) : undefined;
  }

  leave(rest: string): void {
    this.rest = rest;
  }

  private enter(length: number, offset: number): string {
    const before = this.rest;
    const left = before.slice(before.charAt(length) === '.' ? length + 1 : length);
    if (left.length < this.leastLeft) {
      this.leastLeft = left.length;
      this.at = offset;
    }
    this.rest = left;
    return before;
  }
}
