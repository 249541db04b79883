/**
 * Calendar arithmetic in any time zone, exact under clock changes. Pure: `now` is handed in.
 * Instants are UTC ms. "Wall" values are local clock readings written as if they were UTC ms.
 * Offsets come from the runtime's zone database and are right from 1972 on.
 */

/** A time zone whose offsets are looked up once and remembered. */
export interface Zone {
  /** IANA name, as typed except for letter case. */
  readonly name: string;
  /** Local clock minus UTC at an instant, in ms; positive east of Greenwich. */
  offsetMs(atMs: number): number;
}

export type StartOfWeek = 'monday' | 'sunday';
export type PeriodKind = 'hour' | 'day' | 'week' | 'month';

/** A stretch `[startMs, endMs)` of the calendar. */
export interface Period {
  /** Day, and week by its first day, `YYYY-MM-DD`; month `YYYY-MM`; hour `YYYY-MM-DDTHH:00±hh:mm`. */
  readonly key: string;
  readonly startMs: number;
  readonly endMs: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** No zone has changed its clocks twice within less than seven days since 1972, so a cell holds one change at most. */
const cellMs = 6 * dayMs;

/**
 * The zone of this name, in any letter case.
 * @throws RangeError naming it when the runtime knows no such IANA zone.
 */
export function parseZone(name: string): Zone {
  let format: Intl.DateTimeFormat;
  try {
    if (!/^[a-z]/i.test(name)) throw new RangeError('an offset is not a zone');
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, ...clockFields });
  } catch (cause) {
    throw new RangeError(`unknown time zone "${name.slice(0, 64)}"`, { cause });
  }
  const resolved = format.resolvedOptions().timeZone;
  // The runtime may answer with an older name of the same zone (Asia/Calcutta): then keep what was asked for.
  const shown = resolved.toLowerCase() === name.toLowerCase() ? resolved : name;
  return { name: shown, offsetMs: resolved === 'UTC' ? () => 0 : offsetLookup(askFormatter(format)) };
}

/**
 * The zone this process runs in, which the caller knows to be called `name`. The same offsets as `parseZone(name)`, but
 * without loading the runtime's formatting data, which takes some 20 ms.
 */
export function systemZone(name: string): Zone {
  return { name, offsetMs: offsetLookup((atMs) => 0 - new Date(atMs).getTimezoneOffset() * minuteMs) };
}

/**
 * Periods of one kind that cover `[fromMs, toMs)` in order, without gap or overlap; the first and last are cut to it.
 * An hour the clock repeats is two periods; a day the calendar skips is none; weeks start on `startOfWeek` (Monday).
 */
export function calendarPeriods(range: {
  readonly by: PeriodKind;
  readonly fromMs: number;
  readonly toMs: number;
  readonly zone: Zone;
  readonly startOfWeek?: StartOfWeek | undefined;
}): readonly Period[] {
  const { by, fromMs, toMs, zone } = range;
  if (!(fromMs < toMs)) return [];
  if (by === 'hour') return hourPeriods(fromMs, toMs, zone);
  const periods: Period[] = [];
  let wall = floorWall(fromMs + zone.offsetMs(fromMs), by, range.startOfWeek);
  let startMs = instantOf(wall, zone);
  while (startMs < toMs) {
    const next = nextWall(wall, by);
    const endMs = instantOf(next, zone);
    if (endMs > startMs && endMs > fromMs) {
      periods.push({ key: keyOf(wall, by), startMs: Math.max(startMs, fromMs), endMs: Math.min(endMs, toMs) });
    }
    wall = next;
    startMs = endMs;
  }
  return periods;
}

/** First instant of the local day that `atMs` lies in. */
export function startOfDay(atMs: number, zone: Zone): number {
  return instantOf(floorWall(atMs + zone.offsetMs(atMs), 'day'), zone);
}

/** First instant of the local week that `atMs` lies in. */
export function startOfWeek(atMs: number, zone: Zone, first: StartOfWeek = 'monday'): number {
  return instantOf(floorWall(atMs + zone.offsetMs(atMs), 'week', first), zone);
}

/** First instant of the local month that `atMs` lies in. */
export function startOfMonth(atMs: number, zone: Zone): number {
  return instantOf(floorWall(atMs + zone.offsetMs(atMs), 'month'), zone);
}

/** First instant of the local day `days` after the one `atMs` lies in; negative: before. */
export function addDays(atMs: number, days: number, zone: Zone): number {
  return instantOf(floorWall(atMs + zone.offsetMs(atMs), 'day') + days * dayMs, zone);
}

/** The local date `YYYY-MM-DD` at an instant. */
export function dateKey(atMs: number, zone: Zone): string {
  return keyOf(atMs + zone.offsetMs(atMs), 'day');
}

/** Midnight of a written date as a wall value; undefined for a date that does not exist, such as 2026-02-30. */
export function wallOfDate(date: string): number | undefined {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(date);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const wall = new Date(0).setUTCFullYear(year, month - 1, day);
  const back = new Date(wall);
  return back.getUTCMonth() === month - 1 && back.getUTCDate() === day ? wall : undefined;
}

/**
 * First instant whose local clock reads `wall` or, where a clock change skips that reading, the instant of the change.
 * A repeated reading means its first time.
 */
export function instantOf(wall: number, zone: Zone): number {
  const before = zone.offsetMs(wall - dayMs);
  const after = zone.offsetMs(wall + dayMs);
  if (before === after) return wall - before;
  const candidates = before > after ? [before, after] : [after, before];
  for (const offset of candidates) {
    if (zone.offsetMs(wall - offset) === offset) return wall - offset;
  }
  return firstInstant(wall - after, wall - before, (atMs) => atMs + zone.offsetMs(atMs) >= wall);
}

function floorWall(wall: number, by: PeriodKind, first: StartOfWeek = 'monday'): number {
  const day = Math.floor(wall / dayMs) * dayMs;
  if (by === 'week') {
    const weekday = new Date(day).getUTCDay(); // 0 is Sunday
    return day - (first === 'sunday' ? weekday : (weekday + 6) % 7) * dayMs;
  }
  if (by === 'month') return day - (new Date(day).getUTCDate() - 1) * dayMs;
  return by === 'hour' ? Math.floor(wall / hourMs) * hourMs : day;
}

function nextWall(wall: number, by: PeriodKind): number {
  if (by === 'week') return wall + 7 * dayMs;
  if (by === 'day') return wall + dayMs;
  const date = new Date(wall);
  return date.setUTCMonth(date.getUTCMonth() + 1);
}

function keyOf(wall: number, by: PeriodKind): string {
  return new Date(wall).toISOString().slice(0, by === 'month' ? 7 : 10);
}

/** Hours between two clock changes are counted on the local clock; a change always starts a new one. */
function hourPeriods(fromMs: number, toMs: number, zone: Zone): readonly Period[] {
  const periods: Period[] = [];
  let startMs = fromMs;
  let day = Number.NaN;
  let dayText = '';
  while (startMs < toMs) {
    const offset = zone.offsetMs(startMs);
    const wall = Math.floor((startMs + offset) / hourMs) * hourMs;
    const hour = Math.floor(wall / hourMs) - Math.floor(wall / dayMs) * 24;
    if (Math.floor(wall / dayMs) !== day) {
      day = Math.floor(wall / dayMs);
      dayText = keyOf(wall, 'day');
    }
    let endMs = Math.min(wall + hourMs - offset, toMs);
    if (zone.offsetMs(endMs - 1) !== offset) {
      endMs = firstInstant(startMs, endMs - 1, (atMs) => zone.offsetMs(atMs) !== offset);
    }
    periods.push({ key: `${dayText}T${twoDigits(hour)}:00${offsetText(offset)}`, startMs, endMs });
    startMs = endMs;
  }
  return periods;
}

/** `+05:45`; minutes at the finest. */
export function offsetText(offsetMs: number): string {
  const minutes = Math.floor(Math.abs(offsetMs) / minuteMs);
  return `${offsetMs < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** Smallest instant in `(low, high]` for which `holds`; it must hold at `high`, and from its first instant on. */
function firstInstant(low: number, high: number, holds: (atMs: number) => boolean): number {
  let [no, yes] = [low, high];
  while (yes - no > 1) {
    const middle = Math.floor((no + yes) / 2);
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

const clockFields = {
  calendar: 'gregory',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const;

/** Asks at the ends of six-day cells only, and seeks the change inside a cell whose ends differ. */
function offsetLookup(ask: (atMs: number) => number): (atMs: number) => number {
  const ends = new Map<number, number>();
  const changes = new Map<number, number>();
  const offsetAtCell = (cell: number): number => {
    let offset = ends.get(cell);
    if (offset === undefined) {
      offset = ask(cell * cellMs);
      ends.set(cell, offset);
    }
    return offset;
  };
  return (atMs) => {
    const cell = Math.floor(atMs / cellMs);
    const before = offsetAtCell(cell);
    const after = offsetAtCell(cell + 1);
    if (before === after) return before;
    let changeMs = changes.get(cell);
    if (changeMs === undefined) {
      changeMs = firstInstant(cell * cellMs, (cell + 1) * cellMs, (probe) => ask(probe) !== before);
      changes.set(cell, changeMs);
    }
    return atMs < changeMs ? before : after;
  };
}

function askFormatter(format: Intl.DateTimeFormat): (atMs: number) => number {
  return (atMs) => {
    const whole = Math.floor(atMs / 1000) * 1000;
    // "4/10/2026, 14:05:09"
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = (
      format.format(whole).match(/\d+/g) ?? []
    ).map(Number);
    const wall = new Date(0).setUTCFullYear(year, month - 1, day);
    return wall + hour * hourMs + minute * minuteMs + second * 1000 - whole;
  };
}
