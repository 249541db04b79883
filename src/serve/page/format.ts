const unknown = '–';

/** `1.2K`, `3.4M`; three digits or so. */
export function compact(value: number | null | undefined): string {
  if (value === null || value === undefined) return unknown;
  for (const [unit, letter] of [
    [1e12, 'T'],
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'K'],
  ] as const)
    if (Math.abs(value) >= unit) return `${(value / unit).toFixed(1)}${letter}`;
  return String(Math.round(value));
}

/** `$1,234.56`; below a cent four digits. `–`: no price. */
export function usd(value: number | null | undefined): string {
  if (value === null || value === undefined) return unknown;
  const digits = value !== 0 && Math.abs(value) < 0.01 ? 4 : 2;
  return value.toLocaleString('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** `68.2 %` of a ratio 0–1. */
export function percent(ratio: number | null | undefined): string {
  return ratio === null || ratio === undefined ? unknown : `${(ratio * 100).toFixed(1)} %`;
}

/** `3m ago` of a time in ms or an instant. */
export function ago(at: number | string | null | undefined): string {
  if (at === null || at === undefined) return 'never';
  const minutes = Math.floor((Date.now() - (typeof at === 'string' ? Date.parse(at) : at)) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes}m ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}h ago`;
  return `${Math.floor(minutes / 60 / 24)}d ago`;
}

/** `in 2h 05m` of an instant to come. */
export function until(at: string | null): string {
  if (at === null) return '';
  const minutes = Math.ceil((Date.parse(at) - Date.now()) / 60_000);
  if (minutes <= 0) return 'reset since';
  if (minutes < 60) return `resets in ${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `resets in ${hours}h ${String(minutes % 60).padStart(2, '0')}m`;
  return `resets in ${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** `30 days`, `5 hours`, `45 minutes`. */
export function span(minutes: number): string {
  if (minutes % 1440 === 0) return counted(minutes / 1440, 'day');
  return minutes % 60 === 0 ? counted(minutes / 60, 'hour') : counted(minutes, 'minute');
}

export function clock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}

/** `26 Nov 17:04:11`. */
export function moment(at: number): string {
  return `${dayText(new Date(at))} ${clock(at)}`;
}

/** `26 Nov`. */
export function dayText(day: Date): string {
  return day.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}

/** `1 turn`, `2.5K turns`. */
export function counted(count: number, noun: string): string {
  return `${compact(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** An id as words; the first letter is large where they begin a line. */
export function words(id: string): string {
  return id.replaceAll('_', ' ');
}

export function title(id: string): string {
  return words(id).replace(/^./, (letter) => letter.toUpperCase());
}
