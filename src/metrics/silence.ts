import { percentile } from './stats.ts';

const hourMs = 60 * 60 * 1000;

/** Pauses from here on are nights and week-ends, no habit. */
export const longestPauseMs = 12 * hourMs;

/**
 * How long a provider's files may go on changing without a turn before it has gone dark: three times the pause that 95 %
 * of its pauses stay below, at least an hour. Milliseconds; pauses in any order.
 */
export function darkAfterMs(pausesMs: readonly number[]): number {
  return Math.max(hourMs, 3 * (percentile(pausesMs, 0.95) ?? 0));
}

/** Has it? Times in UTC ms; `quietSince` null: its files have not been changing without a turn. */
export function isDark(
  quietSince: number | null,
  lastChangeAt: number | null,
  pausesMs: () => readonly number[],
): boolean {
  return quietSince !== null && lastChangeAt !== null && lastChangeAt - quietSince > darkAfterMs(pausesMs());
}
