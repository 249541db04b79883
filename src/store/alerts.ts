import { randomUUID } from 'node:crypto';
import type { Database } from './driver.ts';

/** An alert that is on, or an event that was told. Times are UTC ms. */
export interface AlertState {
  readonly type: string;
  readonly scope: string;
  /** Row id; 0: of no session. */
  readonly sessionId: number;
  readonly severity: string;
  readonly historyId: number;
  readonly notifiedAt: number;
  readonly seenAt: number;
  readonly isEvent: boolean;
}

/** What of an alert is kept for good. `fields` are numbers and fixed words. */
export interface AlertRecord {
  readonly type: string;
  readonly scope: string;
  readonly sessionId: number;
  readonly severity: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, number | string | boolean | null>>;
  readonly provider: string | undefined;
  readonly model: string | undefined;
}

/** An alert as history has it, oldest fields first. */
export interface StoredAlert extends AlertRecord {
  /** The same for every telling of it. */
  readonly uid: string;
  /** The session's own id; null: of none. */
  readonly session: string | null;
  readonly project: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** null: it is on, or was an event. */
  readonly resolvedAt: number | null;
  readonly isFiring: boolean;
  /** How often it was told. */
  readonly times: number;
}

interface HistoryRow extends Omit<StoredAlert, 'fields' | 'isFiring' | 'provider' | 'model'> {
  readonly fields: string;
  readonly isFiring: number;
  readonly provider: string | null;
  readonly model: string | null;
}

/** Writes what alerts are on. One transaction of the caller's holds all of an evaluation. */
export interface AlertTable {
  states(): readonly AlertState[];
  /** A new alert: its row of history and its state. Returns its lasting id. */
  begin(record: AlertRecord, at: number, isEvent: boolean, isTold: boolean): { readonly uid: string };
  /** It still holds. `isTold`: and is told again. */
  hold(state: AlertState, record: AlertRecord, at: number, isTold: boolean): { readonly uid: string };
  /** It does not hold any more; events are just forgotten. */
  end(state: AlertState, at: number): { readonly uid: string };
}

export function createAlertTable(db: Database): AlertTable {
  const all = db.prepare<[], Omit<AlertState, 'isEvent'> & { isEvent: number }>(
    `SELECT type, scope, session_id AS sessionId, severity, history_id AS historyId, notified_at AS notifiedAt, seen_at AS seenAt,
      is_event AS isEvent FROM alert_state`,
  );
  const addHistory = db.prepare(
    `INSERT INTO alert_history (uid, type, scope, session_id, severity, message, fields, provider, model, first_seen, last_seen, times)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const addState = db.prepare('INSERT INTO alert_state VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const updateHistory = db.prepare(
    'UPDATE alert_history SET severity = ?, message = ?, fields = ?, last_seen = ?, times = times + ? WHERE id = ?',
  );
  const updateState = db.prepare(
    'UPDATE alert_state SET severity = ?, seen_at = ?, notified_at = ? WHERE type = ? AND scope = ? AND session_id = ?',
  );
  const resolve = db.prepare('UPDATE alert_history SET resolved_at = ? WHERE id = ?');
  const dropState = db.prepare('DELETE FROM alert_state WHERE type = ? AND scope = ? AND session_id = ?');
  const uidOf = db.prepare<[number], string>('SELECT uid FROM alert_history WHERE id = ?').pluck();
  return {
    states: () => all.all().map((row) => ({ ...row, isEvent: row.isEvent === 1 })),
    begin(record, at, isEvent, isTold) {
      const uid = randomUUID();
      const { type, scope, sessionId, severity, message } = record;
      const { lastInsertRowid } = addHistory.run(
        uid,
        type,
        scope,
        sessionId,
        severity,
        message,
        JSON.stringify(record.fields),
        record.provider ?? null,
        record.model ?? null,
        at,
        at,
        isTold ? 1 : 0,
      );
      addState.run(type, scope, sessionId, severity, Number(lastInsertRowid), at, at, isEvent ? 1 : 0);
      return { uid };
    },
    hold(state, record, at, isTold) {
      updateHistory.run(
        record.severity,
        record.message,
        JSON.stringify(record.fields),
        at,
        isTold ? 1 : 0,
        state.historyId,
      );
      updateState.run(record.severity, at, isTold ? at : state.notifiedAt, state.type, state.scope, state.sessionId);
      return { uid: uidOf.get(state.historyId) ?? '' };
    },
    end(state, at) {
      if (!state.isEvent) resolve.run(at, state.historyId);
      dropState.run(state.type, state.scope, state.sessionId);
      return { uid: uidOf.get(state.historyId) ?? '' };
    },
  };
}

/** After so long without being seen a session's alert is not on any more. */
const sleepingMs = 15 * 60 * 1000;

const select = `SELECT h.uid, h.type, h.scope, h.session_id AS sessionId, s.sid AS session, COALESCE(s.project_id, 0) AS project, h.severity,
    h.message, h.fields, h.provider, h.model, h.first_seen AS firstSeen, h.last_seen AS lastSeen, h.resolved_at AS resolvedAt, h.times,
    (a.history_id IS NOT NULL AND a.is_event = 0) AS isFiring
  FROM alert_history h LEFT JOIN session s ON s.id = h.session_id LEFT JOIN alert_state a ON a.history_id = h.id`;

/** Alerts that are on, the newest first; those of a session nobody works in any more are not. */
export function firingAlerts(db: Database, now: number): readonly StoredAlert[] {
  return db
    .prepare<[number], HistoryRow>(
      `${select} WHERE a.history_id IS NOT NULL AND a.is_event = 0
        AND (h.session_id = 0 OR h.last_seen > ?) ORDER BY h.first_seen DESC, h.id DESC`,
    )
    .all(now - sleepingMs)
    .map(storedAlert);
}

/** The newest `limit` alerts there were, events among them, newest first; `sinceMs`: only those told or seen later. */
export function recentAlerts(db: Database, limit: number, sinceMs = 0): readonly StoredAlert[] {
  return db
    .prepare<[number, number], HistoryRow>(
      `${select} WHERE h.last_seen > ? ORDER BY h.last_seen DESC, h.id DESC LIMIT ?`,
    )
    .all(sinceMs, limit)
    .map(storedAlert);
}

function storedAlert(row: HistoryRow): StoredAlert {
  return {
    ...row,
    fields: JSON.parse(row.fields), // as begin and hold wrote it
    provider: row.provider ?? undefined,
    model: row.model ?? undefined,
    isFiring: row.isFiring === 1,
  };
}
