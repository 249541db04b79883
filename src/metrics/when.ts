import { instantOf, wallOfDate, type Zone } from './calendar.ts';

/** One end of a range as a user wrote it. */
export interface When {
  /** UTC ms; for `until` the first ms after the range, since both ends are inclusive. */
  readonly atMs: number;
  /** How reports repeat it: the date `YYYY-MM-DD` for whole days, else the RFC 3339 instant in UTC. */
  readonly text: string;
}

/**
 * Reads one end of a range: `YYYY-MM-DD`, `YYYYMMDD`, `today`, `yesterday`, `7d`, `4w` (the day on which the last N days
 * or weeks began, today included) or an RFC 3339 instant, whose seconds may be left out. Days are those of `zone`.
 * @throws RangeError naming the value when it is none of these or a day that does not exist.
 */
export function parseWhen(
  text: string,
  context: { readonly now: number; readonly zone: Zone; readonly edge: 'since' | 'until' },
): When {
  const value = text.trim();
  const instant = instantFrom(value);
  if (instant !== undefined) {
    return { atMs: context.edge === 'since' ? instant : instant + 1, text: new Date(instant).toISOString() };
  }
  const wall = dayFrom(value.toLowerCase(), context.now, context.zone);
  if (wall === undefined) throw new RangeError(`"${text.slice(0, 64)}" ${problem(value)}`);
  return {
    atMs: instantOf(context.edge === 'since' ? wall : wall + dayMs, context.zone),
    text: new Date(wall).toISOString().slice(0, 10),
  };
}

const dayMs = 86_400_000; // 24 h

function problem(value: string): string {
  const looksRight = /^\d{4}-?\d{2}-?\d{2}$/.test(value) || instantShape.test(value);
  return looksRight
    ? 'is not a day or time that exists'
    : 'is not a date (like 2026-04-01, today, 7d, 4w, 2026-04-01T09:30:00Z)';
}

/** The named day's midnight on the local clock, written as if it were UTC ms. */
function dayFrom(value: string, now: number, zone: Zone): number | undefined {
  const today = Math.floor((now + zone.offsetMs(now)) / dayMs) * dayMs;
  if (value === 'today') return today;
  if (value === 'yesterday') return today - dayMs;
  const span = /^([1-9]\d{0,4})([dw])$/.exec(value);
  if (span !== null) return today - (Number(span[1]) * (span[2] === 'w' ? 7 : 1) - 1) * dayMs;
  return /^\d{4}(?:-\d{2}-\d{2}|\d{4})$/.test(value) ? wallOfDate(value) : undefined;
}

const instantShape = /^(\d{4}-\d{2}-\d{2})[t ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(?:z|([+-])(\d{2}):(\d{2}))$/i;

/** UTC ms of an RFC 3339 instant, also without its seconds; digits below a ms are dropped. Undefined for all else. */
function instantFrom(value: string): number | undefined {
  const match = instantShape.exec(value);
  if (match === null) return undefined;
  const wall = wallOfDate(match[1] ?? '');
  const [hour, minute, second] = [Number(match[2]), Number(match[3]), Number(match[4] ?? 0)];
  const [offsetHour, offsetMinute] = [Number(match[7] ?? 0), Number(match[8] ?? 0)];
  if (wall === undefined || hour > 23 || minute > 59 || second > 60) return undefined; // 60: a leap second
  if (offsetHour > 23 || offsetMinute > 59) return undefined;
  const fraction = Number((match[5] ?? '').slice(0, 3).padEnd(3, '0'));
  const offset = (match[6] === '-' ? -1 : 1) * (offsetHour * 60 + offsetMinute) * 60_000;
  return wall + hour * 3_600_000 + minute * 60_000 + second * 1000 + fraction - offset;
}
