import type { Database } from './driver.ts';
import { perStore } from './per-store.ts';

/** A telling on its way to a webhook, or what became of it. Times are UTC ms. */
export interface OutboxItem {
  readonly id: number;
  /** The alert's; the same for all attempts. */
  readonly uid: string;
  /** Which webhook, by a hash of its address. */
  readonly webhook: string;
  /** JSON: numbers, fixed words and ids, as the webhook's format is made from. */
  readonly notification: string;
  readonly severity: string;
  readonly createdAt: number;
  readonly nextAt: number;
  readonly attempts: number;
  /** `dead`: given up; kept to be looked at and sent again. */
  readonly state: 'waiting' | 'sent' | 'dead';
  /** HTTP status of the last attempt; null: none came. */
  readonly status: number | null;
  /** A word of ours: what went wrong. */
  readonly error: string | null;
  readonly endedAt: number | null;
}

/** How a webhook has been doing. */
export interface WebhookHealth {
  readonly webhook: string;
  /** In a row. */
  readonly failures: number;
  readonly pausedUntil: number;
  /** It answered that it is gone for good. */
  readonly disabled: boolean;
  readonly lastOkAt: number | null;
  readonly lastFailedAt: number | null;
}

/** Items that wait at most; beyond, the oldest of the least severity goes. */
const mostWaiting = 100;
/** Ended items kept to be shown. */
const mostEnded = 200;

const columns = `id, uid, webhook, notification, severity, created_at AS createdAt, next_at AS nextAt, attempts, state, status, error,
  ended_at AS endedAt`;

/** Puts one into the box. Within the transaction that raised the alert. */
export function putOutbox(
  db: Database,
  item: Pick<OutboxItem, 'uid' | 'webhook' | 'notification' | 'severity'>,
  now: number,
): void {
  db.prepare(
    `INSERT INTO outbox (uid, webhook, notification, severity, created_at, next_at, attempts, state) VALUES (?, ?, ?, ?, ?, ?, 0, 'waiting')`,
  ).run(item.uid, item.webhook, item.notification, item.severity, now, now);
  db.prepare(
    `UPDATE outbox SET state = 'dead', error = 'box full', ended_at = ? WHERE id IN (
       SELECT id FROM outbox WHERE state = 'waiting'
       ORDER BY CASE severity WHEN 'info' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END DESC, id DESC LIMIT -1 OFFSET ${mostWaiting})`,
  ).run(now);
  db.prepare(
    `DELETE FROM outbox WHERE state <> 'waiting' AND id NOT IN (
       SELECT id FROM outbox WHERE state <> 'waiting' ORDER BY ended_at DESC, id DESC LIMIT ${mostEnded})`,
  ).run();
}

/** Tells what is due by then, oldest first, to whoever asks again and again. */
export function createDueOutbox(): (db: Database, now: number) => readonly OutboxItem[] {
  const due = perStore((db) =>
    db.prepare<[number], OutboxItem>(
      `SELECT ${columns} FROM outbox WHERE state = 'waiting' AND next_at <= ? ORDER BY id LIMIT 50`,
    ),
  );
  return (db, now) => due(db).all(now);
}

/** Items in one state, or all, newest first. */
export function listOutbox(db: Database, state: OutboxItem['state'] | undefined, limit: number): readonly OutboxItem[] {
  return db
    .prepare<unknown[], OutboxItem>(
      `SELECT ${columns} FROM outbox ${state === undefined ? '' : 'WHERE state = ?'} ORDER BY id DESC LIMIT ?`,
    )
    .all(...(state === undefined ? [] : [state]), limit);
}

/** What became of an attempt. */
export function endAttempt(
  db: Database,
  id: number,
  outcome: {
    readonly state: OutboxItem['state'];
    readonly nextAt?: number;
    readonly status: number | null;
    readonly error: string | null;
  },
  now: number,
): void {
  db.prepare(
    `UPDATE outbox SET state = ?, attempts = attempts + 1, next_at = COALESCE(?, next_at), status = ?, error = ?, ended_at = ? WHERE id = ?`,
  ).run(
    outcome.state,
    outcome.nextAt ?? null,
    outcome.status,
    outcome.error,
    outcome.state === 'waiting' ? null : now,
    id,
  );
}

/** Puts one off without counting an attempt: its webhook is paused, or it is quiet there. */
export function postpone(db: Database, id: number, until: number): void {
  db.prepare('UPDATE outbox SET next_at = ? WHERE id = ?').run(until, id);
}

/** Tries one again that was given up. False: there is none such. */
export function retryOutbox(db: Database, id: number, now: number): boolean {
  const done = db
    .prepare(
      `UPDATE outbox SET state = 'waiting', attempts = 0, next_at = ?, ended_at = NULL, error = NULL WHERE id = ? AND state = 'dead'`,
    )
    .run(now, id);
  return done.changes === 1;
}

export function webhookHealth(db: Database, webhook: string): WebhookHealth {
  const row = db
    .prepare<[string], Omit<WebhookHealth, 'disabled'> & { disabled: number }>(
      `SELECT webhook, failures, paused_until AS pausedUntil, disabled, last_ok_at AS lastOkAt, last_failed_at AS lastFailedAt
       FROM webhook_state WHERE webhook = ?`,
    )
    .get(webhook);
  if (row === undefined)
    return { webhook, failures: 0, pausedUntil: 0, disabled: false, lastOkAt: null, lastFailedAt: null };
  return { ...row, disabled: row.disabled === 1 };
}

export function saveWebhookHealth(db: Database, health: WebhookHealth): void {
  db.prepare(
    `INSERT INTO webhook_state VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (webhook) DO UPDATE SET failures = excluded.failures, paused_until = excluded.paused_until, disabled = excluded.disabled,
       last_ok_at = excluded.last_ok_at, last_failed_at = excluded.last_failed_at`,
  ).run(
    health.webhook,
    health.failures,
    health.pausedUntil,
    health.disabled ? 1 : 0,
    health.lastOkAt,
    health.lastFailedAt,
  );
}
