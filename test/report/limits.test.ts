import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LimitEvent } from '../../src/events.ts';
import { buildLimits } from '../../src/report/limits.ts';
import { renderLimits } from '../../src/report/limits-page.ts';
import { paletteFor } from '../../src/report/palette.ts';
import { limitsSchema } from '../../src/report/provider-schema.ts';
import { createWrittenStore, type WrittenStore } from '../helpers/written-store.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const now = Date.parse('2026-05-20T12:00:00Z');

let store: WrittenStore;
beforeEach(async () => {
  store = await createWrittenStore('codex');
});
afterEach(() => store.remove());

let keys = 0;
function limit(at: number, more: Partial<LimitEvent>): LimitEvent {
  return { kind: 'limit', key: String(keys++), at, window: 'weekly', reached: false, ...more };
}

function limits(at = now) {
  const json = buildLimits(store.db, at);
  expect(limitsSchema.parse(json)).toEqual(json);
  return json.limits;
}

describe('limits', () => {
  it('are the newest report of each window, shortest window first', () => {
    store.write('/a', [
      limit(now - 3 * hour, { windowMinutes: 10_080, usedPct: 40, resetsAt: now + day, plan: 'pro' }),
      limit(now - hour, { windowMinutes: 10_080, usedPct: 41.5, resetsAt: now + day, plan: 'pro' }),
      limit(now - 2 * hour, { window: 'five_hour', windowMinutes: 300, usedPct: 7, resetsAt: now + 2 * hour }),
    ]);
    expect(limits()).toMatchObject([
      { provider: 'codex', window: 'five_hour', used_pct: 7, state: 'current', age_secs: 7_200, plan: null },
      { window: 'weekly', used_pct: 41.5, resets_at: '2026-05-21T12:00:00.000Z', age_secs: 3_600, plan: 'pro' },
    ]);
  });

  it('are past once they have reset, or are older than their window', () => {
    store.write('/a', [
      limit(now - 3 * day, { usedPct: 80, resetsAt: now - 1 }),
      limit(now - 5 * hour, { window: 'five_hour', windowMinutes: 300, usedPct: 90 }),
      limit(now - 5 * hour + 1, { window: 'short', windowMinutes: 300, usedPct: 90 }),
      limit(now - day, { window: 'unknown', reached: true }),
    ]);
    const states = Object.fromEntries(limits().map((each) => [each.window, each.state]));
    expect(states).toEqual({ weekly: 'reset', five_hour: 'old', short: 'current', unknown: 'old' });
  });

  it('that each session counts for itself are added up over this month', () => {
    const count = (session: string, at: number, used: number): LimitEvent =>
      limit(at, { window: 'premium_requests', session, used });
    store.write('/a', [
      count('s1', Date.parse('2026-04-28T00:00:00Z'), 5),
      count('s1', Date.parse('2026-05-02T00:00:00Z'), 6.5),
      count('s1', Date.parse('2026-05-03T00:00:00Z'), 7),
      count('s2', Date.parse('2026-05-04T00:00:00Z'), 0.33),
      count('s3', Date.parse('2026-04-04T00:00:00Z'), 100),
    ]);
    expect(limits()).toMatchObject([
      { used: 2.33, used_pct: null, since: '2026-05-01T00:00:00.000Z', as_of: '2026-05-04T00:00:00.000Z' },
    ]);
    expect(limits(Date.parse('2026-06-02T00:00:00Z'))).toMatchObject([{ used: 0 }]);
  });

  it('of a plan that tells how much there is are not added up', () => {
    store.write('/a', [
      limit(now - hour, { session: 's1', used: 100, entitlement: 300, resetsAt: now + day }),
      limit(now - minute, { session: 's2', used: 120, entitlement: 300, resetsAt: now + day }),
    ]);
    expect(limits()).toMatchObject([{ used: 120, entitlement: 300, since: null }]);
  });

  it('never show what cannot be', () => {
    store.write('/a', [
      limit(now, { usedPct: Number.NaN, used: -1, entitlement: 1e300, resetsAt: 1e20, windowMinutes: -5 }),
      limit(now, { window: 'much', usedPct: 250 }),
    ]);
    expect(limits()).toMatchObject([
      { window: 'much', used_pct: 100 },
      { used_pct: null, used: null, entitlement: null, resets_at: null, window_minutes: null },
    ]);
  });
});

describe('the table of limits', () => {
  const page = (width = 100): string => renderLimits(buildLimits(store.db, now), { width, palette: paletteFor(false) });

  it('says what is used, when it resets and how old that is', () => {
    store.write('/a', [
      limit(now - hour, { usedPct: 12, resetsAt: now + 2 * day, plan: 'pro' }),
      limit(now - 9 * hour, { window: 'five_hour', usedPct: 99.6, resetsAt: now - 4 * hour }),
      limit(now - 9 * hour, { window: 'five_hour:other_bucket', reached: true, resetsAt: now + minute }),
      limit(now - minute, { window: 'premium_requests', session: 's', used: 1 / 3 }),
    ]);
    const lines = page().split('\n');
    expect(lines.filter((line) => line.includes('codex')).map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['codex', '5 hours', '99%', 'was 4h ago', '9h ago'],
      ['codex', '5 hours (other_bucket)', 'reached', 'in 1m 00s', '9h ago'],
      ['codex', 'premium requests', '0.33 this month', '1m ago'],
      ['codex', 'weekly', '12%', 'in 2d 0h', '1h ago', 'pro'],
    ]);
    expect(page()).toContain('past');
  });

  it.each([24, 40, 60, 80, 200])('stays within %d columns', (width) => {
    store.write('/a', [limit(now, { window: 'x'.repeat(300), usedPct: 1, plan: 'y'.repeat(300) })]);
    expect(
      Math.max(
        ...page(width)
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(width);
  });

  it('says so when no log has reported any', () => {
    expect(page(60)).toContain('No log has reported a usage limit.');
  });
});
