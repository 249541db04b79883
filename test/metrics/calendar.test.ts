import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  calendarPeriods,
  dateKey,
  type PeriodKind,
  parseZone,
  startOfDay,
  startOfMonth,
  startOfWeek,
  systemZone,
} from '../../src/metrics/calendar.ts';
import { parseWhen } from '../../src/metrics/when.ts';

const hourMs = 3_600_000;
const at = (text: string): number => Date.parse(text);

function periods(by: PeriodKind, zone: string, from: string, to: string) {
  return calendarPeriods({ by, fromMs: at(from), toMs: at(to), zone: parseZone(zone) });
}

function hoursByKey(list: readonly { key: string; startMs: number; endMs: number }[]) {
  return list.map(({ key, startMs, endMs }) => [key, (endMs - startMs) / hourMs]);
}

describe('parseZone', () => {
  it('knows a zone in any letter case', () => {
    expect(parseZone('europe/berlin').name).toBe('Europe/Berlin');
    expect(parseZone('Asia/Kolkata').name).toBe('Asia/Kolkata');
  });

  it.each(['Mars/Olympus', '', '+05:30', 'Europe', '../etc'])('refuses %j by name', (name) => {
    expect(() => parseZone(name)).toThrow(new RangeError(`unknown time zone "${name}"`));
  });

  it.each([
    ['UTC', '2026-07-01T00:00Z', 0],
    ['Asia/Kathmandu', '2026-07-01T00:00Z', 5.75],
    ['America/St_Johns', '2026-07-01T00:00Z', -2.5],
    ['Australia/Lord_Howe', '2026-01-01T00:00Z', 11],
    ['Australia/Lord_Howe', '2026-07-01T00:00Z', 10.5],
    ['Europe/Berlin', '2026-03-29T00:59:59.999Z', 1],
    ['Europe/Berlin', '2026-03-29T01:00Z', 2],
  ])('%s at %s is %d h from UTC', (name, instant, hours) => {
    expect(parseZone(name).offsetMs(at(instant))).toBe(hours * hourMs);
  });

  it("gives the process's own zone the same offsets without the formatter", () => {
    const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const [fast, known] = [systemZone(name), parseZone(name)];
    for (let day = 0; day < 730; day += 1) {
      const instant = at('2025-01-01T00:00Z') + day * 24 * hourMs;
      expect(fast.offsetMs(instant)).toBe(known.offsetMs(instant));
    }
  });
});

describe('calendarPeriods', () => {
  it('gives days of 23 and 25 hours where the clocks change', () => {
    const days = periods('day', 'Europe/Berlin', '2026-03-27T23:00Z', '2026-03-30T22:00Z');
    expect(hoursByKey(days)).toEqual([
      ['2026-03-28', 24],
      ['2026-03-29', 23],
      ['2026-03-30', 24],
    ]);
    const autumn = periods('day', 'Europe/Berlin', '2026-10-24T22:00Z', '2026-10-25T23:00Z');
    expect(hoursByKey(autumn)).toEqual([['2026-10-25', 25]]);
  });

  it('starts a day whose midnight is skipped at the change', () => {
    const days = periods('day', 'America/Sao_Paulo', '2018-11-03T03:00Z', '2018-11-05T02:00Z');
    expect(hoursByKey(days)).toEqual([
      ['2018-11-03', 24],
      ['2018-11-04', 23],
    ]);
  });

  it('leaves out a day the calendar skipped', () => {
    const days = periods('day', 'Pacific/Apia', '2011-12-29T10:00Z', '2012-01-01T10:00Z');
    expect(hoursByKey(days)).toEqual([
      ['2011-12-29', 24],
      ['2011-12-31', 24],
      ['2012-01-01', 24],
    ]);
  });

  it('shows an hour the clock repeats as two, and skips one it skips', () => {
    const autumn = periods('hour', 'Europe/Berlin', '2026-10-24T23:00Z', '2026-10-25T03:00Z');
    expect(hoursByKey(autumn)).toEqual([
      ['2026-10-25T01:00+02:00', 1],
      ['2026-10-25T02:00+02:00', 1],
      ['2026-10-25T02:00+01:00', 1],
      ['2026-10-25T03:00+01:00', 1],
    ]);
    const spring = periods('hour', 'Europe/Berlin', '2026-03-29T00:00Z', '2026-03-29T02:00Z');
    expect(spring.map(({ key }) => key)).toEqual(['2026-03-29T01:00+01:00', '2026-03-29T03:00+02:00']);
  });

  it('splits hours at a change of half an hour', () => {
    const hours = periods('hour', 'Australia/Lord_Howe', '2026-04-04T14:00Z', '2026-04-04T16:30Z');
    expect(hoursByKey(hours)).toEqual([
      ['2026-04-05T01:00+11:00', 1],
      ['2026-04-05T01:00+10:30', 0.5],
      ['2026-04-05T02:00+10:30', 1],
    ]);
  });

  it('follows offsets of a quarter hour', () => {
    const days = periods('day', 'Asia/Kathmandu', '2026-04-09T18:15Z', '2026-04-10T18:15Z');
    expect(hoursByKey(days)).toEqual([['2026-04-10', 24]]);
  });

  it('starts weeks on Monday, or on Sunday if asked', () => {
    const range = {
      by: 'week',
      fromMs: at('2026-04-08T12:00Z'),
      toMs: at('2026-04-13T12:00Z'),
      zone: parseZone('UTC'),
    } as const;
    expect(calendarPeriods(range).map(({ key }) => key)).toEqual(['2026-04-06', '2026-04-13']);
    expect(calendarPeriods({ ...range, startOfWeek: 'sunday' }).map(({ key }) => key)).toEqual([
      '2026-04-05',
      '2026-04-12',
    ]);
  });

  it('covers months over a year end, in either zone', () => {
    const months = periods('month', 'America/New_York', '2025-12-15T00:00Z', '2026-02-10T00:00Z');
    expect(months.map(({ key }) => key)).toEqual(['2025-12', '2026-01', '2026-02']);
    expect(months[1]?.startMs).toBe(at('2026-01-01T05:00Z'));
  });

  it('is empty for an empty range', () => {
    expect(periods('day', 'UTC', '2026-04-01T00:00Z', '2026-04-01T00:00Z')).toEqual([]);
  });

  it('tiles any range in any zone without gap or overlap, with unique keys', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom<PeriodKind>('hour', 'day', 'week', 'month'),
        fc.integer({ min: at('1975-01-01T00:00Z'), max: at('2037-01-01T00:00Z') }),
        fc.integer({ min: 1, max: 40 * 24 * hourMs }),
        (name, by, fromMs, length) => {
          const zone = parseZone(name);
          const list = calendarPeriods({ by, fromMs, toMs: fromMs + length, zone });
          expect(list[0]?.startMs).toBe(fromMs);
          expect(list.at(-1)?.endMs).toBe(fromMs + length);
          list.forEach(({ startMs, endMs, key }, index) => {
            expect(endMs).toBeGreaterThan(startMs);
            expect(list[index + 1]?.startMs ?? endMs).toBe(endMs);
            const local = new Date(startMs + zone.offsetMs(startMs)).toISOString();
            if (by === 'hour') expect(key.slice(0, 13)).toBe(local.slice(0, 13));
          });
          expect(new Set(list.map(({ key }) => key)).size).toBe(list.length);
        },
      ),
      { numRuns: 150 },
    );
  }, 30_000);

  it('agrees with the formatter on the day of every hour of a year', () => {
    const zone = parseZone('Africa/Casablanca');
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone.name, dateStyle: 'short' });
    const [fromMs, toMs] = [at('2025-01-01T00:00Z'), at('2026-01-01T00:00Z')];
    for (const { key, startMs, endMs } of calendarPeriods({ by: 'day', fromMs, toMs, zone })) {
      expect([format.format(startMs), format.format(endMs - 1)]).toEqual([key, key]);
    }
  });
});

it('finds the start of the local day, week and month', () => {
  const zone = parseZone('America/New_York');
  const now = at('2026-03-11T02:30Z'); // Tuesday the 10th there, two days after the clocks changed
  expect(new Date(startOfDay(now, zone)).toISOString()).toBe('2026-03-10T04:00:00.000Z');
  expect(new Date(startOfWeek(now, zone)).toISOString()).toBe('2026-03-09T04:00:00.000Z');
  expect(new Date(startOfWeek(now, zone, 'sunday')).toISOString()).toBe('2026-03-08T05:00:00.000Z');
  expect(new Date(startOfMonth(now, zone)).toISOString()).toBe('2026-03-01T05:00:00.000Z');
  expect(new Date(addDays(now, -2, zone)).toISOString()).toBe('2026-03-08T05:00:00.000Z');
  expect(dateKey(now, zone)).toBe('2026-03-10');
});

describe('parseWhen', () => {
  const context = { now: at('2026-04-10T12:00Z'), zone: parseZone('Europe/Berlin') };

  it.each([
    ['2026-04-01', '2026-03-31T22:00:00.000Z', '2026-04-01T22:00:00.000Z', '2026-04-01'],
    ['20260401', '2026-03-31T22:00:00.000Z', '2026-04-01T22:00:00.000Z', '2026-04-01'],
    ['2026-03-29', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z', '2026-03-29'],
    ['today', '2026-04-09T22:00:00.000Z', '2026-04-10T22:00:00.000Z', '2026-04-10'],
    ['Yesterday', '2026-04-08T22:00:00.000Z', '2026-04-09T22:00:00.000Z', '2026-04-09'],
    ['1d', '2026-04-09T22:00:00.000Z', '2026-04-10T22:00:00.000Z', '2026-04-10'],
    ['7d', '2026-04-03T22:00:00.000Z', '2026-04-04T22:00:00.000Z', '2026-04-04'],
    ['4w', '2026-03-13T23:00:00.000Z', '2026-03-14T23:00:00.000Z', '2026-03-14'],
    ['2026-04-01T10:00:00Z', '2026-04-01T10:00:00.000Z', '2026-04-01T10:00:00.001Z', '2026-04-01T10:00:00.000Z'],
    ['2026-04-01T10:00Z', '2026-04-01T10:00:00.000Z', '2026-04-01T10:00:00.001Z', '2026-04-01T10:00:00.000Z'],
    ['2026-04-01 10:00+02:00', '2026-04-01T08:00:00.000Z', '2026-04-01T08:00:00.001Z', '2026-04-01T08:00:00.000Z'],
    [
      '2026-04-01T10:00:00.2509+05:45',
      '2026-04-01T04:15:00.250Z',
      '2026-04-01T04:15:00.251Z',
      '2026-04-01T04:15:00.250Z',
    ],
  ])('reads %s', (text, since, until, shown) => {
    const start = parseWhen(text, { ...context, edge: 'since' });
    const end = parseWhen(text, { ...context, edge: 'until' });
    expect(new Date(start.atMs).toISOString()).toBe(since);
    expect(new Date(end.atMs).toISOString()).toBe(until);
    expect([start.text, end.text]).toEqual([shown, shown]);
  });

  it.each([
    '2026-02-30',
    '20260230',
    '2026-13-01',
    '2026-00-10',
    '2025-02-29',
    '2026-04-01T25:00:00Z',
    '2026-02-30T10:00:00Z',
    '2026-04-01T10:00:00',
    '2026-4-1',
    '2026-0401',
    '0d',
    '-7d',
    '7',
    '7m',
    'tomorrow',
    '',
  ])('refuses %j and names it', (text) => {
    expect(() => parseWhen(text, { ...context, edge: 'since' })).toThrow(RangeError);
    expect(() => parseWhen(text, { ...context, edge: 'since' })).toThrow(`"${text}"`);
  });
});
