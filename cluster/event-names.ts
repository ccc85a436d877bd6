/** Names of Event objects: the object's, and the time in nanoseconds. Source: `client-go/tools/record/event.go`, v0.37.2. */
const NANOSECONDS_PER_MS = 1_000_000;

export class EventNames {
  private made = 0;

  /** Different for every call, within a millisecond too. */
  next(objectName: string, nowMs: number): string {
    const within = BigInt(this.made++ % NANOSECONDS_PER_MS);
    const nanoseconds = BigInt(Math.floor(nowMs)) * BigInt(NANOSECONDS_PER_MS) + within;
    return `${objectName}.${nanoseconds.toString(16)}`;
  }
}
