import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { evaluateAlerts, type Notification } from '../../src/alerts/engine.ts';
import type { AlertSnapshot } from '../../src/alerts/rule.ts';
import { firingAlerts, recentAlerts } from '../../src/store/alerts.ts';
import { createWrittenStore, type WrittenStore } from '../helpers/written-store.ts';
import { rules, session, snapshot, testNow } from './world.ts';

const minute = 60_000;
let store: WrittenStore;
let told: Notification[];

beforeEach(async () => {
  store = await createWrittenStore();
  told = [];
});
afterEach(() => store.remove());

function look(world: Partial<AlertSnapshot>, options: { repeatAfterMins?: number; sendResolved?: boolean } = {}) {
  told = [];
  evaluateAlerts(store.db, {
    rules,
    snapshot: snapshot(world),
    repeatAfterMins: 30,
    sendResolved: false,
    tell: (notification) => told.push(notification),
    ...options,
  });
  return told.map(({ type, severity, isResolved }) => `${type} ${severity}${isResolved ? ' resolved' : ''}`);
}

const at = (minutes: number, fill: number, change: Parameters<typeof session>[1] = {}) => ({
  now: testNow + minutes * minute,
  sessions: [session(fill, change)],
});

describe('an alert', () => {
  it('is told once, and again only when it has been on for long', () => {
    expect(look(at(0, 82))).toEqual(['context_warning warning']);
    expect(look(at(1, 83))).toEqual([]);
    expect(look(at(29, 85))).toEqual([]);
    expect(look(at(30, 86))).toEqual(['context_warning warning']);
    expect(look(at(31, 87))).toEqual([]);
  });

  it('is not repeated when that is switched off', () => {
    look(at(0, 82));
    expect(look(at(600, 82), { repeatAfterMins: 0 })).toEqual([]);
  });

  it('survives the process: another engine over the same store tells nothing twice', () => {
    look(at(0, 82));
    const [first] = told;
    expect(look(at(1, 82))).toEqual([]);
    expect(look(at(31, 82))).toHaveLength(1);
    expect(told[0]?.uid).toBe(first?.uid);
  });

  it('is over when its condition is, and may say so', () => {
    look(at(0, 82));
    expect(look(at(1, 60), { sendResolved: true })).toEqual(['context_warning info resolved']);
    expect(firingAlerts(store.db, testNow + minute)).toEqual([]);
    expect(recentAlerts(store.db, 10)).toMatchObject([{ type: 'context_warning', resolvedAt: testNow + minute }]);
    expect(look(at(2, 82))).toEqual(['context_warning warning']);
  });

  it('does not flutter at its rim', () => {
    look(at(0, 80));
    for (let i = 1; i < 20; i++) expect(look(at(i, i % 2 === 0 ? 80.5 : 79.5), { sendResolved: true })).toEqual([]);
  });

  it('grows into a crisis, and falling back is no news', () => {
    look(at(0, 85));
    expect(look(at(1, 96))).toEqual(['context_crisis critical']);
    expect(look(at(2, 92))).toEqual([]);
    expect(look(at(3, 88))).toEqual([]);
    expect(look(at(4, 96))).toEqual(['context_crisis critical']);
  });

  it('of a budget is told again when it gets worse', () => {
    const budget = (spentNanoUsd: number, level: 'warning' | 'over') => ({
      scope: 'all' as const,
      name: undefined,
      spending: snapshot().spending,
      daily: { spentNanoUsd, limitNanoUsd: 10e9, usedPct: spentNanoUsd / 1e8, level },
      weekly: undefined,
      monthly: undefined,
    });
    expect(look({ budgets: [budget(9.5e9, 'warning')] })).toEqual(['budget_warning warning']);
    expect(look({ now: testNow + minute, budgets: [budget(10.5e9, 'over')] })).toEqual(['budget_warning critical']);
    expect(look({ now: testNow + 2 * minute, budgets: [budget(10.6e9, 'over')] })).toEqual([]);
  });

  it('is apart for each session', () => {
    const both = { sessions: [session(82, { rowId: 1 }), session(83, { rowId: 2 })] };
    expect(look(both)).toHaveLength(2);
    expect(told.map((each) => each.sessionId)).toEqual([1, 2]);
  });

  it('of a session that sleeps is neither over nor told again when it goes on', () => {
    look(at(0, 82));
    expect(look({ now: testNow + 20 * minute, sessions: [] }, { sendResolved: true })).toEqual([]);
    expect(firingAlerts(store.db, testNow + 20 * minute)).toEqual([]);
    expect(look(at(25, 83))).toEqual([]);
    expect(firingAlerts(store.db, testNow + 25 * minute)).toHaveLength(1);
  });

  it('of a session that never wakes is forgotten after a day', () => {
    look(at(0, 82));
    look({ now: testNow + 25 * 60 * minute, sessions: [] });
    expect(store.db.prepare('SELECT COUNT(*) AS n FROM alert_state').get()).toEqual({ n: 0 });
  });
});

describe('an event', () => {
  it('is told once however often it is seen, and never resolved', () => {
    const world = (minutes: number) => at(minutes, 20, { lastCompactionAt: testNow });
    expect(look(world(0), { sendResolved: true })).toEqual(['compaction_detected info']);
    expect(look(world(5), { sendResolved: true })).toEqual([]);
    expect(look(at(20, 20), { sendResolved: true })).toEqual([]);
    expect(firingAlerts(store.db, testNow)).toEqual([]);
    expect(recentAlerts(store.db, 10)).toMatchObject([{ type: 'compaction_detected', resolvedAt: null, times: 1 }]);
  });
});

it('what is remembered and what is told are one: a failure to tell leaves no trace', () => {
  expect(() =>
    evaluateAlerts(store.db, {
      rules,
      snapshot: snapshot(at(0, 82)),
      repeatAfterMins: 30,
      sendResolved: false,
      tell: () => {
        throw new Error('no room');
      },
    }),
  ).toThrow('no room');
  expect(recentAlerts(store.db, 10)).toEqual([]);
  expect(look(at(1, 82))).toEqual(['context_warning warning']);
});

it('history keeps the newest values', () => {
  look(at(0, 82));
  look(at(5, 88));
  expect(recentAlerts(store.db, 10)).toMatchObject([
    { firstSeen: testNow, lastSeen: testNow + 5 * minute, fields: { fill_pct: 88 }, times: 1, isFiring: true },
  ]);
});
