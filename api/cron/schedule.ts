/** When a schedule is due next, also where clocks are put forward or back. Source: `github.com/robfig/cron/v3`, v3.0.1, `spec.go`, `constantdelay.go`. */
import type { Field } from './parse-schedule.ts';
import { momentOf, type Zone } from './time-zone.ts';

export interface Schedule {
  /** The first moment after the given one; undefined when there is none within five years. */
  nextMs(afterMs: number): number | undefined;
}

export interface CronFields {
  readonly minutes: Field;
  readonly hours: Field;
  readonly days: Field;
  readonly months: Field;
  readonly weekdays: Field;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const YEARS = 5;

const floorTo = (timeMs: number, unitMs: number): number => Math.floor(timeMs / unitMs) * unitMs;

/** In whole seconds, one at least. */
export function everyMs(durationMs: number): Schedule {
  const delayMs = Math.max(SECOND_MS, Math.trunc(durationMs / SECOND_MS) * SECOND_MS);
  return { nextMs: (afterMs) => floorTo(afterMs, SECOND_MS) + delayMs };
}

export function fieldsSchedule(fields: CronFields, zone: Zone): Schedule {
  // `,` is a field without a value.
  const isNever = Object.values(fields).some(({ values }: Field) => values.size === 0);
  return { nextMs: (afterMs) => (isNever ? undefined : new Search(fields, zone, afterMs).run()) };
}

/** Goes forward field by field, and back to the first field whenever one that was passed has changed. */
class Search {
  private readonly fields: CronFields;
  private readonly zone: Zone;
  private timeMs: number;
  /** The fields below the one that was moved stand at their lowest values. */
  private isReset = false;

  constructor(fields: CronFields, zone: Zone, afterMs: number) {
    this.fields = fields;
    this.zone = zone;
    this.timeMs = floorTo(afterMs, SECOND_MS) + SECOND_MS;
  }

  run(): number | undefined {
    const lastYear = this.local().getUTCFullYear() + YEARS;
    while (this.local().getUTCFullYear() <= lastYear) {
      if (this.toMonth() && this.toDay() && this.toHour() && this.toMinute() && this.toSecond()) return this.timeMs;
    }
    return undefined;
  }

  /** Local clocks, read as UTC. */
  private local(): Date {
    return new Date(this.timeMs + this.zone.offsetMs(this.timeMs));
  }

  private setLocal(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): void {
    this.timeMs = momentOf(this.zone, Date.UTC(year, month, day, hour, minute, second));
  }

  /** Once, when the first field moves. */
  private reset(toStart: () => void): void {
    if (this.isReset) return;
    this.isReset = true;
    toStart();
  }

  private toMonth(): boolean {
    while (!this.fields.months.values.has(this.local().getUTCMonth() + 1)) {
      this.reset(() => {
        const local = this.local();
        this.setLocal(local.getUTCFullYear(), local.getUTCMonth(), 1);
      });
      this.addDate(1, 0);
      if (this.local().getUTCMonth() === 0) return false;
    }
    return true;
  }

  private toDay(): boolean {
    while (!this.isDay(this.local())) {
      this.reset(() => {
        const local = this.local();
        this.setLocal(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate());
      });
      const beforeMs = this.timeMs;
      this.addDate(0, 1);
      // A whole day may be missing (Samoa, 2011); upstream never gets past it.
      if (this.timeMs <= beforeMs) this.timeMs = beforeMs + 24 * HOUR_MS;
      // Where there is no midnight.
      const hour = this.local().getUTCHours();
      if (hour !== 0) this.timeMs += (hour > 12 ? 24 - hour : -hour) * HOUR_MS;
      if (this.local().getUTCDate() === 1) return false;
    }
    return true;
  }

  /** With a star in one of the two the other decides; else one of them is enough. */
  private isDay(local: Date): boolean {
    const { days, weekdays } = this.fields;
    const isDate = days.values.has(local.getUTCDate());
    const isWeekday = weekdays.values.has(local.getUTCDay());
    return days.isStar || weekdays.isStar ? isDate && isWeekday : isDate || isWeekday;
  }

  private toHour(): boolean {
    while (!this.fields.hours.values.has(this.local().getUTCHours())) {
      this.reset(() => {
        const local = this.local();
        this.setLocal(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate(), local.getUTCHours());
      });
      this.timeMs += HOUR_MS;
      if (this.local().getUTCHours() === 0) return false;
    }
    return true;
  }

  private toMinute(): boolean {
    while (!this.fields.minutes.values.has(this.local().getUTCMinutes())) {
      this.reset(() => {
        this.timeMs = floorTo(this.timeMs, MINUTE_MS);
      });
      this.timeMs += MINUTE_MS;
      if (this.local().getUTCMinutes() === 0) return false;
    }
    return true;
  }

  private toSecond(): boolean {
    while (this.local().getUTCSeconds() !== 0) {
      this.isReset = true;
      this.timeMs += SECOND_MS;
      if (this.local().getUTCSeconds() === 0) return false;
    }
    return true;
  }

  private addDate(months: number, days: number): void {
    const local = this.local();
    this.setLocal(
      local.getUTCFullYear(),
      local.getUTCMonth() + months,
      local.getUTCDate() + days,
      local.getUTCHours(),
      local.getUTCMinutes(),
      local.getUTCSeconds(),
    );
  }
}
