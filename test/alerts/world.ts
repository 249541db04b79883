import type { AlertRule, AlertSnapshot, LiveSession } from '../../src/alerts/rule.ts';
import { loadMembers } from '../../src/members.ts';
import { contextPressure } from '../../src/metrics/context-pressure.ts';
import type { InsightTurn } from '../../src/metrics/insight-turn.ts';
import { defaultThresholds } from '../../src/metrics/thresholds.ts';
import type { Insights } from '../../src/report/insights.ts';
import type { Spending } from '../../src/report/spending.ts';

export const rules = await loadMembers<AlertRule>('alerts/rules');

export const testNow = Date.parse('2026-05-04T10:00:00Z');

export const spending: Spending = {
  today: 0,
  week: 0,
  month: 0,
  endOfDay: undefined,
  endOfMonth: undefined,
  spike: undefined,
  completedDays: [],
  hoursToday: 10,
  daysTo: () => undefined,
};

/** A world in which nothing is wrong. */
export function snapshot(change: Partial<AlertSnapshot> = {}): AlertSnapshot {
  return {
    now: testNow,
    sessions: [],
    budgets: [],
    spending,
    limits: [],
    unpriced: [],
    dark: [],
    troubles: [],
    settings: {},
    ...change,
  };
}

/** A live session whose context is so full, in percent of 200 000 tokens. */
export function session(
  fillPct: number | undefined,
  change: Partial<Insights> & { readonly rowId?: number; readonly turnsLeft?: number; lastCompactionAt?: number } = {},
): LiveSession {
  const { rowId = 1, turnsLeft, lastCompactionAt, ...insights } = change;
  const pressure = fillPct === undefined ? undefined : contextPressure(fillPct * 2_000, 200_000);
  return {
    rowId,
    provider: 'claude-code',
    model: 'claude-opus-4-5',
    lastCompactionAt,
    insights: {
      session: undefined,
      isToday: false,
      stale: false,
      context: {
        windowTokens: 200_000,
        windowSource: 'table',
        usedTokens: fillPct === undefined ? undefined : fillPct * 2_000,
        pressure,
        turnsLeft: turnsLeft === undefined ? undefined : { turns: turnsLeft, low: turnsLeft, high: turnsLeft },
        turns: [],
      },
      compaction: undefined,
      health: undefined,
      wasteScore: 0,
      signals: [],
      thresholds: defaultThresholds,
      suggestions: [],
      regressions: [],
      anomaly: undefined,
      spending,
      figures: new Map(),
      turns: [] as readonly InsightTurn[],
      ...insights,
    },
  };
}
