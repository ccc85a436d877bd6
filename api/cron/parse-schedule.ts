/** Cron schedules as CronJobs take them: five fields or a descriptor. Source: `github.com/robfig/cron/v3`, v3.0.1, `parser.go`. */
import { parseGoDuration } from './go-duration.ts';
import { everyMs, fieldsSchedule, type Schedule } from './schedule.ts';
import { UTC, type Zone, zoneOf } from './time-zone.ts';

/** The numbers that a field allows. */
export interface Field {
  readonly values: ReadonlySet<number>;
  /** Written as `*` or `?`: then it does not restrict the days. */
  readonly isStar: boolean;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: Readonly<Record<string, number>>;
}

const named = (names: string, first: number): Record<string, number> =>
  Object.fromEntries(names.split(' ').map((name, i) => [name, i + first]));

const BOUNDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: named('jan feb mar apr may jun jul aug sep oct nov dec', 1) },
  { min: 0, max: 6, names: named('sun mon tue wed thu fri sat', 0) },
];

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const EVERY = '@every ';

/** What is wrong, in upstream's words. */
export class ScheduleError extends Error {}

/** Throws ScheduleError. @param zone Where the text names none. */
export function parseSchedule(text: string, zone: Zone = UTC): Schedule {
  if (text === '') throw new ScheduleError('empty spec string');
  if (!/^(CRON_)?TZ=/.test(text)) return parseFields(text, zone);
  const space = text.indexOf(' ');
  const name = text.slice(text.indexOf('=') + 1, space < 0 ? undefined : space);
  const own = zoneOf(name);
  if (own === undefined) throw new ScheduleError(`provided bad location ${name}: unknown time zone ${name}`);
  if (space < 0) throw new ScheduleError(`no fields after the time zone: ${text}`);
  return parseFields(text.slice(space).trim(), own);
}

function parseFields(text: string, zone: Zone): Schedule {
  if (text.startsWith(EVERY)) {
    const durationMs = parseGoDuration(text.slice(EVERY.length));
    if (typeof durationMs === 'string') {
      throw new ScheduleError(`failed to parse duration ${text}: ${durationMs}`);
    }
    return everyMs(durationMs);
  }
  if (text.startsWith('@') && DESCRIPTORS[text] === undefined) {
    throw new ScheduleError(`unrecognized descriptor: ${text}`);
  }
  const fields = (DESCRIPTORS[text] ?? text).split(/\s+/).filter((field) => field !== '');
  if (fields.length !== BOUNDS.length) {
    throw new ScheduleError(`expected exactly ${BOUNDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`);
  }
  const [minutes, hours, days, months, weekdays] = fields.map((field, i) => parseField(field, BOUNDS[i]!));
  return fieldsSchedule({ minutes: minutes!, hours: hours!, days: days!, months: months!, weekdays: weekdays! }, zone);
}

function parseField(text: string, bounds: Bounds): Field {
  const values = new Set<number>();
  let isStar = false;
  for (const part of text.split(',')) if (part !== '' && addRange(part, bounds, values)) isStar = true;
  return { values, isStar };
}

/** Answers whether the range is a plain star. */
function addRange(text: string, { min, max, names }: Bounds, values: Set<number>): boolean {
  const [range, stepText, ...moreSteps] = text.split('/') as [string, ...string[]];
  const [low, high, ...moreBounds] = range.split('-') as [string, ...string[]];
  const isStar = low === '*' || low === '?';
  if (!isStar && moreBounds.length > 0) throw new ScheduleError(`too many hyphens: ${text}`);
  const start = isStar ? min : numberOf(low, names);
  let end = isStar ? max : high === undefined ? start : numberOf(high, names);
  if (moreSteps.length > 0) throw new ScheduleError(`too many slashes: ${text}`);
  const step = stepText === undefined ? 1 : numberOf(stepText, undefined);
  if (stepText !== undefined && high === undefined) end = max;
  if (start < min) throw new ScheduleError(`beginning of range (${start}) below minimum (${min}): ${text}`);
  if (end > max) throw new ScheduleError(`end of range (${end}) above maximum (${max}): ${text}`);
  if (start > end) throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${text}`);
  for (let value = start; value <= end; value += step) values.add(value);
  return isStar && step === 1;
}

function numberOf(text: string, names: Bounds['names']): number {
  const byName = names?.[text.toLowerCase()];
  if (byName !== undefined) return byName;
  if (!/^[+-]?\d+$/.test(text)) {
    const why = `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw new ScheduleError(`failed to parse int from ${text}: ${why}`);
  }
  const number = Number(text);
  if (number < 0) throw new ScheduleError(`negative number (${number}) not allowed: ${text}`);
  return number;
}
