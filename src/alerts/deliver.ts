import type { Database } from '../store/driver.ts';
import {
  createDueOutbox,
  endAttempt,
  type OutboxItem,
  postpone,
  saveWebhookHealth,
  webhookHealth,
} from '../store/outbox.ts';
import { type FormatModule, formatFor } from './format.ts';
import type { AlertParams } from './payload.ts';
import { type PostOutcome, post } from './post.ts';
import { webhookHeaders } from './sign.ts';
import { quietMinutes, type Webhook } from './webhook.ts';

export interface DeliverOptions {
  /** By key. One that is gone from the settings gives its items up. */
  readonly webhooks: () => ReadonlyMap<string, Webhook>;
  readonly formats: ReadonlyMap<string, FormatModule>;
  /** UTC ms. */
  readonly now: () => number;
  /** Local minutes since midnight. */
  readonly wallMinutes: () => number;
  /** 0–1, for the spread of repeats. */
  readonly random: () => number;
  /** All of one attempt, in ms. Default: ten seconds. */
  readonly totalMs?: number;
}

const mostAttempts = 6;
/** Waits between attempts double from here; five of them and the sendings fill ten minutes. */
const firstWaitMs = 15_000;
const mostFailures = 10;
const pauseMs = 15 * 60 * 1000;
const retryable = new Set([408, 425, 429]);

/** Takes what waits in the box to its webhooks. One process delivers: whoever ingests. */
export interface Deliverer {
  /**
   * Writes down what became of the attempts made meanwhile, and begins those that are due: at most one to each webhook at
   * a time. Returns at once; it must be called while no transaction is open, and again until `isIdle`.
   */
  step(db: Database): void;
  /** Only writes down. */
  conclude(db: Database): void;
  /** Nothing is on its way. */
  readonly isIdle: boolean;
  /** Waits for what is on its way, so many ms at most. */
  settle(mostMs: number): Promise<void>;
}

interface Concluded {
  readonly item: OutboxItem;
  readonly outcome: PostOutcome;
}

export function createDeliverer(options: DeliverOptions): Deliverer {
  const due = createDueOutbox();
  const flying = new Map<string, Promise<void>>();
  let concluded: Concluded[] = [];

  function concludeAll(db: Database): void {
    const done = concluded;
    concluded = [];
    for (const { item, outcome } of done) conclude(db, item, outcome, options);
  }

  function begin(db: Database, key: string, item: OutboxItem): void {
    const now = options.now();
    const webhook = options.webhooks().get(key);
    const health = webhookHealth(db, key);
    if (webhook === undefined || health.disabled) {
      const error = webhook === undefined ? 'webhook not in the settings' : 'webhook is gone';
      return endAttempt(db, item.id, { state: 'dead', status: null, error }, now);
    }
    const quiet = quietMinutes(webhook.settings.quiet_hours, options.wallMinutes()) * 60_000;
    const wait = Math.max(health.pausedUntil - now, quiet);
    if (wait > 0) return postpone(db, item.id, now + wait);
    const flight = postItem(webhook, item, options).then((outcome) => {
      flying.delete(key);
      concluded.push({ item, outcome });
    });
    flying.set(key, flight);
  }

  return {
    get isIdle() {
      return flying.size === 0 && concluded.length === 0;
    },
    conclude: concludeAll,
    step(db) {
      concludeAll(db);
      for (const item of due(db, options.now())) if (!flying.has(item.webhook)) begin(db, item.webhook, item);
    },
    async settle(mostMs) {
      const late = new Promise<void>((resolve) => setTimeout(resolve, mostMs).unref());
      await Promise.race([Promise.all(flying.values()), late]);
    },
  };
}

/** Sends one item now; nothing is remembered. */
export function postItem(
  webhook: Webhook,
  item: Pick<OutboxItem, 'uid' | 'notification'>,
  { formats, now, totalMs }: Pick<DeliverOptions, 'formats' | 'now' | 'totalMs'>,
): Promise<PostOutcome> {
  const params: AlertParams = JSON.parse(item.notification); // as the box was filled
  const format = formatFor(formats, webhook.settings.format, webhook.url.hostname);
  const formatted = format.of(params, { routingKey: webhook.routingKey, template: webhook.settings.template });
  return post({
    url: webhook.url,
    body: formatted.body,
    headers: {
      ...formatted.headers,
      ...webhook.headers,
      'Content-Type': formatted.contentType,
      'User-Agent': 'scopeon',
      'X-Scopeon-Event': params.type,
      ...webhookHeaders(item.uid, now(), formatted.body, webhook.secrets),
    },
    allowPrivate: webhook.settings.allow_private,
    now: now(),
    ...(totalMs === undefined ? {} : { totalMs }),
  });
}

function conclude(db: Database, item: OutboxItem, outcome: PostOutcome, { now, random }: DeliverOptions): void {
  const at = now();
  const health = webhookHealth(db, item.webhook);
  const status = outcome.kind === 'answered' ? outcome.status : null;
  if (status !== null && status >= 200 && status < 300) {
    endAttempt(db, item.id, { state: 'sent', status, error: null }, at);
    return saveWebhookHealth(db, { ...health, failures: 0, pausedUntil: 0, lastOkAt: at });
  }
  const failures = health.failures + 1;
  const isPaused = failures >= mostFailures;
  saveWebhookHealth(db, {
    ...health,
    failures: isPaused ? 0 : failures,
    pausedUntil: isPaused ? at + pauseMs : health.pausedUntil,
    disabled: status === 410,
    lastFailedAt: at,
  });
  const error = outcome.kind === 'answered' ? `answered ${outcome.status}` : outcome.error;
  const mayTryAgain = outcome.kind === 'failed' || (status !== null && (retryable.has(status) || status >= 500));
  if (!mayTryAgain || item.attempts + 1 >= mostAttempts)
    return endAttempt(db, item.id, { state: 'dead', status, error }, at);
  const asked = outcome.kind === 'answered' ? (outcome.retryAfterSecs ?? 0) * 1_000 : 0;
  const spread = 0.8 + 0.4 * random();
  const nextAt = at + Math.max(asked, firstWaitMs * 2 ** item.attempts * spread);
  endAttempt(db, item.id, { state: 'waiting', nextAt: Math.round(nextAt), status, error }, at);
}
