import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHeartbeat } from '../../src/alerts/heartbeat.ts';
import { resolveWebhook, type Webhook } from '../../src/alerts/webhook.ts';
import { loadMembers } from '../../src/members.ts';
import { systemZone } from '../../src/metrics/calendar.ts';
import { builtInPrices } from '../../src/metrics/price-snapshot.ts';
import { createPriceBook } from '../../src/metrics/prices.ts';
import type { SignalModule } from '../../src/metrics/signal.ts';
import { endAttempt, listOutbox } from '../../src/store/outbox.ts';
import { createWrittenStore, type WrittenStore } from '../helpers/written-store.ts';

const now = Date.parse('2026-05-04T10:00:00Z');
const signals = await loadMembers<SignalModule>('metrics/signals');
let store: WrittenStore;
beforeEach(async () => {
  store = await createWrittenStore('claude-code');
});
afterEach(() => store.remove());

function webhooks(...events: readonly string[][]): ReadonlyMap<string, Webhook> {
  return new Map(
    events.map((each, index) => {
      const settings = {
        url: `http://127.0.0.1:${index + 1}/`,
        events: each,
        min_severity: 'info' as const,
        projects: [],
        providers: [],
        include: [],
        allow_private: false,
        headers: {},
      };
      const webhook = resolveWebhook(settings, { env: {}, read: () => undefined });
      if ('trouble' in webhook) throw new Error(webhook.trouble);
      return [webhook.key, webhook];
    }),
  );
}

function work(at: number, cacheRead: number): void {
  store.write('a', [
    { kind: 'session', session: 's1', cwd: '/srv/CANARY', rank: 'own', at },
    {
      kind: 'turn',
      key: `t${at}`,
      session: 's1',
      at,
      model: 'claude-haiku-4-5-20251001',
      usage: {
        uncachedInputTokens: 10_000,
        cacheReadInputTokens: cacheRead,
        cacheCreation5mInputTokens: 0,
        cacheCreation1hInputTokens: 0,
        outputTokens: 0,
      },
      fast: false,
      webSearchRequests: 0,
      promptTokens: 10_000 + cacheRead,
      contextTokens: 10_000 + cacheRead,
      sidechain: false,
      rank: 'own',
      quality: 'measured',
      costNanoUsd: 1_500_000_000,
      tools: [],
    },
  ]);
}

it('goes every half minute to who names it, while somebody works and alerts are silent', () => {
  let clock = 0;
  const beat = createHeartbeat({
    signals,
    zone: systemZone('UTC'),
    startOfWeek: 'monday',
    isPublicModel: () => true,
    host: 'CANARY',
    now: () => now,
    clock: () => clock,
  });
  const book = createPriceBook(builtInPrices);
  const all = webhooks(['ambient_status'], ['*'], []);
  const look = (): number => {
    beat(store.db, all, book);
    return listOutbox(store.db, undefined, 100).length;
  };
  work(now - 20 * 60_000, 0);
  expect(look()).toBe(0); // nobody works
  work(now - 60_000, 90_000);
  clock = 29_999;
  expect(look()).toBe(0);
  clock = 30_000;
  expect(look()).toBe(1);
  const [item] = listOutbox(store.db, 'waiting', 100);
  expect(item?.webhook).toBe([...all.keys()][0]);
  expect(item?.notification).not.toContain('CANARY');
  expect(JSON.parse(item?.notification ?? '')).toMatchObject({
    type: 'ambient_status',
    message: 'The context is 50 % full; today cost 3.00 USD.',
    fill_pct: 50,
    daily_cost_usd: 3,
    cache_hit_rate_pct: expect.closeTo(90_000 / 1_100, 9),
    should_compact: false,
    provider: 'claude-code',
  });
  clock = 60_000;
  expect(look()).toBe(1); // the last one still waits
  endAttempt(store.db, item?.id ?? 0, { state: 'sent', status: 200, error: null }, now);
  clock = 90_000;
  expect(look()).toBe(2);
  endAttempt(store.db, (item?.id ?? 0) + 1, { state: 'sent', status: 200, error: null }, now);
  work(now - 1_000, 150_000); // 80 % full
  clock = 120_000;
  expect(look()).toBe(2);
});
