/** Expected times are those that `github.com/robfig/cron/v3` v3.0.1 gives, which upstream uses. */
import { describe, expect, it } from 'vitest';
import { parseGoDuration } from './go-duration.ts';
import { parseSchedule, ScheduleError } from './parse-schedule.ts';
import { rfc3339, UTC, zoneOf } from './time-zone.ts';

function next(text: string, zone: string, from: string, count: number): string[] {
  const schedule = parseSchedule(text, zoneOf(zone));
  const times: string[] = [];
  let timeMs: number | undefined = Date.parse(from);
  for (let i = 0; i < count && timeMs !== undefined; i++) {
    timeMs = schedule.nextMs(timeMs);
    times.push(timeMs === undefined ? 'never' : `${new Date(timeMs).toISOString().slice(0, 19)}Z`);
  }
  return times;
}

describe('schedule', () => {
  it.each([
    {
      spec: '30 2 * * *',
      zone: 'Europe/Berlin',
      from: '2024-09-11T11:05:18Z',
      times: ['2024-09-12T00:30:00Z', '2024-09-13T00:30:00Z', '2024-09-14T00:30:00Z'],
    },
    {
      spec: '0 0 * * *',
      zone: 'America/Sao_Paulo',
      from: '2026-04-23T20:00:00Z',
      times: ['2026-04-24T03:00:00Z', '2026-04-25T03:00:00Z', '2026-04-26T03:00:00Z'],
    },
    {
      spec: '0 0 * * *',
      zone: 'America/Sao_Paulo',
      from: '2026-08-16T03:59:04Z',
      times: ['2026-08-17T03:00:00Z', '2026-08-18T03:00:00Z', '2026-08-19T03:00:00Z'],
    },
    {
      spec: '0 0 * * *',
      zone: 'Asia/Tehran',
      from: '2026-09-05T12:00:00Z',
      times: ['2026-09-05T20:30:00Z', '2026-09-06T20:30:00Z', '2026-09-07T20:30:00Z'],
    },
    {
      spec: '0 3 31 * *',
      zone: 'Europe/Berlin',
      from: '2026-03-28T22:59:59Z',
      times: ['2026-03-31T01:00:00Z', '2026-05-31T01:00:00Z', '2026-07-31T01:00:00Z'],
    },
    {
      spec: '0 3 31 * *',
      zone: 'Pacific/Apia',
      from: '2026-10-24T22:00:00Z',
      times: ['2026-10-30T14:00:00Z', '2026-12-30T14:00:00Z', '2027-01-30T14:00:00Z'],
    },
    { spec: '59 23 31 2 *', zone: 'America/New_York', from: '2026-09-05T12:00:00Z', times: ['never'] },
    { spec: '59 23 31 2 *', zone: 'Africa/Cairo', from: '2026-04-04T12:00:00Z', times: ['never'] },
    {
      spec: '0 0 29 2 1',
      zone: 'Pacific/Apia',
      from: '2026-10-24T22:00:00Z',
      times: ['2027-01-31T11:00:00Z', '2027-02-07T11:00:00Z', '2027-02-14T11:00:00Z'],
    },
    {
      spec: '0 0 29 2 1',
      zone: 'America/New_York',
      from: '2018-11-03T12:00:00Z',
      times: ['2019-02-04T05:00:00Z', '2019-02-11T05:00:00Z', '2019-02-18T05:00:00Z'],
    },
    {
      spec: '*/7 */5 * * *',
      zone: 'Asia/Kolkata',
      from: '2026-03-28T22:59:59Z',
      times: ['2026-03-28T23:30:00Z', '2026-03-28T23:37:00Z', '2026-03-28T23:44:00Z'],
    },
    {
      spec: '*/7 */5 * * *',
      zone: '',
      from: '2026-03-08T05:00:00Z',
      times: ['2026-03-08T05:07:00Z', '2026-03-08T05:14:00Z', '2026-03-08T05:21:00Z'],
    },
    {
      spec: '15 10 ? * MON-FRI',
      zone: 'Pacific/Apia',
      from: '2026-11-01T03:59:00Z',
      times: ['2026-11-01T21:15:00Z', '2026-11-02T21:15:00Z', '2026-11-03T21:15:00Z'],
    },
    {
      spec: '15 10 ? * MON-FRI',
      zone: 'Australia/Lord_Howe',
      from: '2026-09-05T12:00:00Z',
      times: ['2026-09-06T23:45:00Z', '2026-09-07T23:45:00Z', '2026-09-08T23:45:00Z'],
    },
    {
      spec: '0 0 1,15 * 3',
      zone: 'America/New_York',
      from: '2026-04-23T20:00:00Z',
      times: ['2026-04-29T04:00:00Z', '2026-05-01T04:00:00Z', '2026-05-06T04:00:00Z'],
    },
    {
      spec: '0 0 1,15 * 3',
      zone: 'Asia/Tehran',
      from: '2026-03-28T22:59:59Z',
      times: ['2026-03-31T20:30:00Z', '2026-04-07T20:30:00Z', '2026-04-14T20:30:00Z'],
    },
    {
      spec: '@weekly',
      zone: 'Pacific/Apia',
      from: '2026-03-08T05:00:00Z',
      times: ['2026-03-14T11:00:00Z', '2026-03-21T11:00:00Z', '2026-03-28T11:00:00Z'],
    },
    {
      spec: '@weekly',
      zone: 'Asia/Tehran',
      from: '2026-03-08T05:00:00Z',
      times: ['2026-03-14T20:30:00Z', '2026-03-21T20:30:00Z', '2026-03-28T20:30:00Z'],
    },
    {
      spec: '@yearly',
      zone: 'Asia/Tehran',
      from: '2026-04-23T20:00:00Z',
      times: ['2026-12-31T20:30:00Z', '2027-12-31T20:30:00Z', '2028-12-31T20:30:00Z'],
    },
    {
      spec: '@yearly',
      zone: '',
      from: '2026-03-28T22:59:59Z',
      times: ['2027-01-01T00:00:00Z', '2028-01-01T00:00:00Z', '2029-01-01T00:00:00Z'],
    },
    {
      spec: '@every 1h30m',
      zone: 'Asia/Kolkata',
      from: '2026-03-08T05:00:00Z',
      times: ['2026-03-08T06:30:00Z', '2026-03-08T08:00:00Z', '2026-03-08T09:30:00Z'],
    },
    {
      spec: '@every 1h30m',
      zone: 'Asia/Kolkata',
      from: '2018-11-03T12:00:00Z',
      times: ['2018-11-03T13:30:00Z', '2018-11-03T15:00:00Z', '2018-11-03T16:30:00Z'],
    },
    {
      spec: '0 1-5/2 * jan-mar *',
      zone: 'Africa/Cairo',
      from: '2026-03-28T22:59:59Z',
      times: ['2026-03-28T23:00:00Z', '2026-03-29T01:00:00Z', '2026-03-29T03:00:00Z'],
    },
    {
      spec: '0 1-5/2 * jan-mar *',
      zone: 'America/New_York',
      from: '2026-03-08T05:00:00Z',
      times: ['2026-03-08T06:00:00Z', '2026-03-08T07:00:00Z', '2026-03-08T09:00:00Z'],
    },
    {
      spec: '5/10 * * * *',
      zone: 'Australia/Lord_Howe',
      from: '2022-06-06T19:48:40Z',
      times: ['2022-06-06T19:55:00Z', '2022-06-06T20:05:00Z', '2022-06-06T20:15:00Z'],
    },
    {
      spec: '0 0 */2 * 1',
      zone: 'America/New_York',
      from: '2026-10-24T22:00:00Z',
      times: ['2026-10-25T04:00:00Z', '2026-10-26T04:00:00Z', '2026-10-27T04:00:00Z'],
    },
    {
      spec: '0 0 */2 * 1',
      zone: 'Asia/Tehran',
      from: '2026-09-05T12:00:00Z',
      times: ['2026-09-06T20:30:00Z', '2026-09-08T20:30:00Z', '2026-09-10T20:30:00Z'],
    },
    {
      spec: '30 1 * 10,11,3,4 0',
      zone: 'Asia/Tehran',
      from: '2026-04-04T12:00:00Z',
      times: ['2026-04-04T22:00:00Z', '2026-04-11T22:00:00Z', '2026-04-18T22:00:00Z'],
    },
    {
      spec: '30 1 * 10,11,3,4 0',
      zone: '',
      from: '2026-11-01T03:59:00Z',
      times: ['2026-11-08T01:30:00Z', '2026-11-15T01:30:00Z', '2026-11-22T01:30:00Z'],
    },
    {
      spec: ' 1 1 1 1 1 ',
      zone: 'Asia/Kolkata',
      from: '2018-11-03T12:00:00Z',
      times: ['2018-12-31T19:31:00Z', '2019-01-06T19:31:00Z', '2019-01-13T19:31:00Z'],
    },
    {
      spec: ' 1 1 1 1 1 ',
      zone: 'America/New_York',
      from: '2011-12-29T00:00:00Z',
      times: ['2012-01-01T06:01:00Z', '2012-01-02T06:01:00Z', '2012-01-09T06:01:00Z'],
    },
    {
      spec: '?/15 * * * *',
      zone: 'Asia/Kolkata',
      from: '2026-03-08T05:00:00Z',
      times: ['2026-03-08T05:15:00Z', '2026-03-08T05:30:00Z', '2026-03-08T05:45:00Z'],
    },
    {
      spec: '?/15 * * * *',
      zone: '',
      from: '2026-10-24T22:00:00Z',
      times: ['2026-10-24T22:15:00Z', '2026-10-24T22:30:00Z', '2026-10-24T22:45:00Z'],
    },
    {
      spec: '*-5 * * * *',
      zone: 'Asia/Tehran',
      from: '2026-03-28T22:59:59Z',
      times: ['2026-03-28T23:00:00Z', '2026-03-28T23:01:00Z', '2026-03-28T23:02:00Z'],
    },
    {
      spec: '*-5 * * * *',
      zone: 'America/Sao_Paulo',
      from: '2026-09-05T12:00:00Z',
      times: ['2026-09-05T12:01:00Z', '2026-09-05T12:02:00Z', '2026-09-05T12:03:00Z'],
    },
    { spec: ', * * * *', zone: 'America/Santiago', from: '2026-04-23T20:00:00Z', times: ['never'] },
    { spec: ', * * * *', zone: 'America/Sao_Paulo', from: '2026-03-28T22:59:59Z', times: ['never'] },
    {
      spec: 'TZ=Asia/Tokyo 0 9 * * *',
      zone: 'America/Sao_Paulo',
      from: '2026-09-05T12:00:00Z',
      times: ['2026-09-06T00:00:00Z', '2026-09-07T00:00:00Z', '2026-09-08T00:00:00Z'],
    },
    {
      spec: 'TZ=Asia/Tokyo 0 9 * * *',
      zone: 'Europe/Berlin',
      from: '2026-03-28T22:59:59Z',
      times: ['2026-03-29T00:00:00Z', '2026-03-30T00:00:00Z', '2026-03-31T00:00:00Z'],
    },
    {
      spec: '@every 90m15.7s',
      zone: 'Australia/Lord_Howe',
      from: '2018-11-03T12:00:00Z',
      times: ['2018-11-03T13:30:15Z', '2018-11-03T15:00:30Z', '2018-11-03T16:30:45Z'],
    },
    {
      spec: '@every 90m15.7s',
      zone: 'Europe/Berlin',
      from: '2026-10-24T22:00:00Z',
      times: ['2026-10-24T23:30:15Z', '2026-10-25T01:00:30Z', '2026-10-25T02:30:45Z'],
    },
  ])('$spec in "$zone" from $from', ({ spec, zone, from, times }) => {
    expect(next(spec, zone, from, times.length)).toEqual(times);
  });

  it.each([
    ['', 'empty spec string'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['0 0 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ['@nope', 'unrecognized descriptor: @nope'],
    ['@every x', 'failed to parse duration @every x: time: invalid duration "x"'],
    ['TZ=No/Where 0 9 * * *', 'provided bad location No/Where: unknown time zone No/Where'],
  ])('"%s" is refused: %s', (text, message) => {
    expect(() => parseSchedule(text)).toThrow(new ScheduleError(message));
  });

  it('gets past a day that a zone has left out', () => {
    const zone = zoneOf('Pacific/Apia')!;
    const timeMs = parseSchedule('0 12 * * *', zone).nextMs(Date.parse('2011-12-29T23:00:00Z'))!;
    expect(rfc3339(zone, timeMs)).toBe('2011-12-31T12:00:00+14:00');
  });
});

describe('durations of Go', () => {
  it.each([
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['-2ms', -2],
    ['0', 0],
    ['', 'time: invalid duration ""'],
    ['3', 'time: missing unit in duration "3"'],
    ['3d', 'time: unknown unit "d" in duration "3d"'],
  ])('%s', (text, expected) => {
    expect(parseGoDuration(text)).toBe(expected);
  });
});

describe('zones', () => {
  it('are known by name, UTC without one', () => {
    expect(zoneOf('')).toBe(UTC);
    for (const name of ['No/Where', '+05:00', 'Local']) expect(zoneOf(name)).toBeUndefined();
  });
});
