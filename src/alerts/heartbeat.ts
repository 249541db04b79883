import { randomUUID } from 'node:crypto';
import type { StartOfWeek, Zone } from '../metrics/calendar.ts';
import type { PriceBook } from '../metrics/prices.ts';
import type { SignalModule } from '../metrics/signal.ts';
import { ambientAnswer } from '../report/ambient.ts';
import { createGrowthMemory } from '../report/growth-memory.ts';
import type { Database } from '../store/driver.ts';
import { listOutbox } from '../store/outbox.ts';
import { sessionUse } from '../store/queries/live-sessions.ts';
import { currentSession, liveMs } from '../store/queries/sessions.ts';
import { enqueue } from './outgoing.ts';
import type { Webhook } from './webhook.ts';

export interface HeartbeatOptions {
  readonly signals: ReadonlyMap<string, SignalModule>;
  readonly zone: Zone;
  readonly startOfWeek: StartOfWeek;
  readonly isPublicModel: (model: string) => boolean;
  readonly host: string;
  /** UTC ms. */
  readonly now: () => number;
  /** A clock that never goes back, in ms. */
  readonly clock: () => number;
}

const type = 'ambient_status';
const beatMs = 30_000;

/**
 * How the live session does, twice a minute, into the box of those webhooks that name this event. One that has not taken
 * the last one gets no other: what is old is of no use. True: something was put into the box.
 */
export function createHeartbeat(
  options: HeartbeatOptions,
): (db: Database, webhooks: ReadonlyMap<string, Webhook>, book: PriceBook) => boolean {
  const { clock } = options;
  const growth = createGrowthMemory(clock);
  let beatAt = Number.NEGATIVE_INFINITY;
  return (db, webhooks, book) => {
    if (clock() - beatAt < beatMs) return false;
    const listeners = new Map([...webhooks].filter(([, webhook]) => webhook.settings.events.includes(type)));
    if (listeners.size === 0) return false;
    beatAt = clock();
    for (const item of listOutbox(db, 'waiting', 1_000))
      if (item.notification.includes(`"type":"${type}"`)) listeners.delete(item.webhook);
    const now = options.now();
    const current = currentSession(db, now);
    if (listeners.size === 0 || current === undefined || current.lastActivityAt <= now - liveMs) return false;
    const use = sessionUse(db, [current.rowId]).get(current.rowId);
    const request = { ...options, now, book: () => book, growth: (model: string) => growth(db, model, now) };
    const tells = () => ({ skills: false, mcpIdentity: false }); // for advice, which is not asked for
    const members = { signals: options.signals, suggestions: new Map(), figures: new Map() };
    const fields = use === undefined ? undefined : ambientAnswer(db, use, { ...request, tells }, members);
    if (use === undefined || fields === undefined) return false;
    const { fill_pct: fill = 0, daily_cost_usd: cost = 0 } = fields;
    const notification = {
      uid: randomUUID(),
      type,
      severity: 'info' as const,
      message: `The context is ${Number(fill).toFixed(0)} % full; today cost ${Number(cost).toFixed(2)} USD.`,
      fields,
      provider: use.facts.provider,
      model: use.facts.model ?? undefined,
      sessionId: current.rowId,
      scope: '',
      isResolved: false,
      at: now,
    };
    db.transaction(() => enqueue(db, notification, { ...options, webhooks: listeners })).immediate();
    return true;
  };
}
