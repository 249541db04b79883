import { clamp, percentile } from './stats.ts';

/** Limits of what counts as unusual, for one provider and model. */
export interface Thresholds {
  /** Cache coverage below which a session is cold, 0–100. */
  readonly coldCachePct: number;
  /** Share of reasoning in output, 0–1. */
  readonly thinkingRatioWarn: number;
  readonly thinkingRatioCritical: number;
  /** Times the mean uncached input. */
  readonly contextBloatMultiplier: number;
  /** Days the figures above were learnt from; 0: they are the defaults. */
  readonly days: number;
}

export const defaultThresholds: Thresholds = {
  coldCachePct: 5,
  thinkingRatioWarn: 0.6,
  thinkingRatioCritical: 0.85,
  contextBloatMultiplier: 2,
  days: 0,
};

/** One calendar day with turns. */
export interface HabitDay {
  /** R / (I + R + W); undefined without a prompt. */
  readonly cacheCoverageRatio: number | undefined;
  /** T / O over the turns that tell T; undefined where none does. */
  readonly thinkingRatio: number | undefined;
}

const fewestDays = 7;
const mostDays = 90;
/** Days with reasoning from which on a habit is seen in them. */
const fewestThinkingDays = 3;

/**
 * Thresholds by the user's own habit: up to 90 calendar days with turns, newest first, today excluded. Cold is the lowest
 * tenth of cache coverage, at least 1 %; much reasoning the highest tenth of its share, within 0.60 and 0.95, and
 * critical half way from there to all of it, at least 0.85. Below seven days the defaults hold.
 */
export function adaptiveThresholds(newestFirst: readonly HabitDay[]): Thresholds {
  const days = newestFirst.slice(0, mostDays);
  if (days.length < fewestDays) return defaultThresholds;
  const coverage = known(days.map((day) => day.cacheCoverageRatio));
  const thinking = known(days.map((day) => day.thinkingRatio)).filter((ratio) => ratio > 0);
  const cold = percentile(coverage, 0.1);
  const warn =
    thinking.length < fewestThinkingDays
      ? defaultThresholds.thinkingRatioWarn
      : clamp(percentile(thinking, 0.9) ?? 0, 0.6, 0.95);
  return {
    coldCachePct: cold === undefined ? defaultThresholds.coldCachePct : Math.max(cold * 100, 1),
    thinkingRatioWarn: warn,
    thinkingRatioCritical: Math.max(0.85, (1 + warn) / 2),
    contextBloatMultiplier: defaultThresholds.contextBloatMultiplier,
    days: days.length,
  };
}

function known(values: readonly (number | undefined)[]): readonly number[] {
  return values.filter((value) => value !== undefined);
}
