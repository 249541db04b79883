/** Numbers as people read them in a terminal. English digits and separators whatever the locale, so that output compares. */

import { offsetText, type Zone } from '../metrics/calendar.ts';

const unknown = '–';

/** `1,234,567`; whole. `–` for what is unknown. */
export function groupDigits(value: number | null): string {
  if (!isNumber(value)) return unknown;
  const digits = String(Math.abs(Math.round(value)));
  const grouped = digits.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return value < 0 && grouped !== '0' ? `-${grouped}` : grouped;
}

/** At most five characters below 1,000 T: `999`, `1.0K`, `12.3K`, `123K`, `1.2M`, `4.5B`. */
export function compactNumber(value: number | null): string {
  if (!isNumber(value)) return unknown;
  const size = Math.abs(value);
  const sign = value < 0 ? '-' : '';
  if (Math.round(size) < 1000) return Math.round(size) === 0 ? '0' : `${sign}${Math.round(size)}`;
  for (const [unit, letter] of scales) {
    // Rounded first: 999,950 is 1.0M, not 1000.0K.
    const scaled = size / unit;
    const text =
      Math.round(scaled * 10) < 1000 ? (Math.round(scaled * 10) / 10).toFixed(1) : String(Math.round(scaled));
    if (Number(text) < 1000 || letter === 'T') return `${sign}${text}${letter}`;
  }
  return unknown;
}

const scales = [
  [1e3, 'K'],
  [1e6, 'M'],
  [1e9, 'B'],
  [1e12, 'T'],
] as const;

/** `$1,234.56`, half a cent up; a positive amount that would read as nothing is `<$0.01`. `–` for what is unknown. */
export function formatUsd(dollars: number | null): string {
  if (!isNumber(dollars)) return unknown;
  const cents = Math.round(Math.round(Math.abs(dollars) * 1e9) / 1e7); // by way of nano-USD: binary fractions would round 1.005 down
  const sign = dollars < 0 ? '-' : '';
  if (cents === 0) return dollars === 0 ? '$0.00' : `${sign === '-' ? '>-' : '<'}$0.01`;
  return `${sign}$${groupDigits(Math.floor(cents / 100))}.${String(cents % 100).padStart(2, '0')}`;
}

/** As `formatUsd`, from $10,000 on without cents and compact: `$12.3K`. */
export function compactUsd(dollars: number | null): string {
  if (!isNumber(dollars) || Math.abs(dollars) < 10_000) return formatUsd(dollars);
  return `${dollars < 0 ? '-' : ''}$${compactNumber(Math.abs(dollars))}`;
}

/** `97.4%` of a ratio 0–1; reads 100.0% or 0.0% only when it is. `–` for what is unknown. */
export function formatRatio(ratio: number | null): string {
  if (!isNumber(ratio)) return unknown;
  const tenths = Math.round(ratio * 1000);
  const shown = ratio < 1 && tenths >= 1000 ? 999 : ratio > 0 && tenths <= 0 ? 1 : tenths;
  return `${(shown / 10).toFixed(1)}%`;
}

/** `64%` of a percentage 0–100. `–` for what is unknown. */
export function formatPct(pct: number | null): string {
  if (!isNumber(pct)) return unknown;
  const whole = Math.round(pct);
  return `${pct < 100 && whole >= 100 ? 99 : pct > 0 && whole <= 0 ? 1 : whole}%`;
}

/** `850ms`, `12s`, `4m 05s`, `2h 14m`, `3d 4h` of a length in ms. `–` for what is unknown or negative. */
export function formatDuration(ms: number | null): string {
  if (!isNumber(ms) || ms < 0) return unknown;
  if (Math.round(ms) < 1000) return `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, '0')}m`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** How long ago, `ms` back: `now` (under a minute, or in the future), `5m ago`, `3h ago`, `2d ago`, `5w ago`, `2y ago`. */
export function formatAge(ms: number | null): string {
  if (!isNumber(ms)) return unknown;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes}m ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ago`;
  const days = Math.floor(hours / 24);
  if (days < 14) return `${days}d ago`;
  return days < 365 ? `${Math.floor(days / 7)}w ago` : `${Math.floor(days / 365)}y ago`;
}

/** `512 B`, `12.3 kB`, `4.5 MB` (1 kB = 1,000 bytes). `–` for what is unknown. */
export function formatBytes(bytes: number | null): string {
  if (!isNumber(bytes)) return unknown;
  if (Math.round(bytes) < 1000) return `${Math.round(bytes)} B`;
  const text = compactNumber(bytes);
  return `${text.slice(0, -1)} ${byteUnits.get(text.slice(-1)) ?? ''}`;
}

const byteUnits: ReadonlyMap<string, string> = new Map([
  ['K', 'kB'],
  ['M', 'MB'],
  ['B', 'GB'],
  ['T', 'TB'],
]);

/** `1 turn`, `1,234 turns`. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${groupDigits(count)} ${count === 1 ? noun : plural}`;
}

/** `2026-04-10 14:05` on the zone's clock, with `+02:00` behind it on request. */
export function localMinute(atMs: number, zone: Zone, withOffset = false): string {
  const offset = zone.offsetMs(atMs);
  const wall = new Date(atMs + offset).toISOString();
  return `${wall.slice(0, 10)} ${wall.slice(11, 16)}${withOffset ? offsetText(offset) : ''}`;
}

/** A bar of `width` columns, filled to `pct` (0–100) of it; anything above nothing shows. */
export function gauge(pct: number, width: number): { readonly filled: string; readonly rest: string } {
  const share = Math.min(1, Math.max(0, isNumber(pct) ? pct / 100 : 0));
  const columns = share > 0 ? Math.max(1, Math.floor(share * width)) : 0;
  return { filled: '█'.repeat(Math.min(width, columns)), rest: '░'.repeat(Math.max(0, width - columns)) };
}

/** A bar of at most `width` columns for a share 0–1, in eighths of a column; empty for 0. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, isNumber(share) ? share : 0)) * width * 8);
  if (eighths === 0) return share > 0 ? '▏' : '';
  return '█'.repeat(Math.floor(eighths / 8)) + (['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? '');
}

function isNumber(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}
