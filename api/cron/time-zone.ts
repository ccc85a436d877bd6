/** Local time in a zone of the IANA database, with Go's choices where a local time is missing or there twice. */

export interface Zone {
  /** What local clocks are ahead of UTC at that moment. */
  offsetMs(timeMs: number): number;
}

export const UTC: Zone = { offsetMs: () => 0 };

const SECOND_MS = 1000;
/** Clocks change at quarters of an hour, if at all. */
const BLOCK_MS = 15 * 60_000;
const BLOCKS_MAX = 4096;
const zones = new Map<string, Zone | undefined>();

/** As Go's `time.LoadLocation` knows them: `''` is UTC, names are looked up as they are. Undefined for unknown ones. */
export function zoneOf(name: string): Zone | undefined {
  if (name === '' || name === 'UTC' || name === 'Etc/UTC') return UTC;
  // ICU takes offsets for names, Go does not.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  if (!zones.has(name)) zones.set(name, makeZone(name));
  return zones.get(name);
}

function makeZone(timeZone: string): Zone | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  const blocks = new Map<number, number>();
  const offsetMs = (timeMs: number): number => {
    const block = Math.floor(timeMs / BLOCK_MS);
    let offset = blocks.get(block);
    if (offset === undefined) {
      if (blocks.size === BLOCKS_MAX) blocks.clear();
      offset = localMs(format, timeMs) - Math.floor(timeMs / SECOND_MS) * SECOND_MS;
      blocks.set(block, offset);
    }
    return offset;
  };
  return { offsetMs };
}

function localMs(format: Intl.DateTimeFormat, timeMs: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(timeMs)) parts[type] = Number(value);
  return Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!, parts.second!);
}

/** `time.Date` of Go: the moment of a local time, given as if it were UTC. */
export function momentOf(zone: Zone, localAsUtcMs: number): number {
  const offsetMs = zone.offsetMs(localAsUtcMs);
  if (offsetMs === 0) return localAsUtcMs;
  const guessMs = localAsUtcMs - offsetMs;
  return localAsUtcMs - zone.offsetMs(guessMs);
}

/** RFC 3339 with the offset of the zone, `Z` for none. */
export function rfc3339(zone: Zone, timeMs: number): string {
  const offsetMs = zone.offsetMs(timeMs);
  const local = new Date(timeMs + offsetMs).toISOString().slice(0, 19);
  if (offsetMs === 0) return `${local}Z`;
  const minutes = Math.abs(Math.trunc(offsetMs / 60_000));
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${local}${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
