import type { Severity } from '../metrics/signal.ts';
import { type AlertRecord, type AlertState, createAlertTable } from '../store/alerts.ts';
import type { Database } from '../store/driver.ts';
import type { AlertFields, AlertRule, AlertSnapshot, Finding } from './rule.ts';

/** An alert to tell somebody of. */
export interface Notification {
  /** The same for every telling of one alert. */
  readonly uid: string;
  readonly type: string;
  readonly severity: Severity;
  readonly message: string;
  readonly fields: AlertFields;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  /** Row id; 0: of no session. */
  readonly sessionId: number;
  /** What tells it apart from others of its type; may hold a name. */
  readonly scope: string;
  /** It does not hold any more. */
  readonly isResolved: boolean;
  /** UTC ms. */
  readonly at: number;
}

export interface EvaluateOptions {
  readonly rules: ReadonlyMap<string, AlertRule>;
  readonly snapshot: AlertSnapshot;
  /** Told again after this many minutes while it holds; 0: never. */
  readonly repeatAfterMins: number;
  /** Tell the end of an alert too. */
  readonly sendResolved: boolean;
  /** Called within the transaction, so that what is told and what is remembered are one. */
  readonly tell: (notification: Notification) => void;
}

/** How long an event, or an alert of a session that sleeps, is remembered: longer than any rule calls one fresh. */
const keptMs = 24 * 60 * 60 * 1000;
const minuteMs = 60 * 1000;

/**
 * Compares what holds with what held: ok, firing, resolved, for each (type, scope, session). All of it in one transaction;
 * whoever evaluates twice, in one process or two, tells nothing twice.
 */
export function evaluateAlerts(db: Database, options: EvaluateOptions): void {
  const { rules, snapshot } = options;
  db.transaction(() => {
    const table = createAlertTable(db);
    const states = new Map(table.states().map((state) => [keyOf(state.type, state.scope, state.sessionId), state]));
    const seen = new Set<string>();
    for (const [id, rule] of rules) {
      const type = id.replaceAll('-', '_');
      const was = (session: number | undefined, scope = ''): boolean => states.has(keyOf(type, scope, session ?? 0));
      for (const finding of rule.evaluate(snapshot, was)) {
        const record = recordOf(type, finding);
        const key = keyOf(type, record.scope, record.sessionId);
        if (seen.has(key)) continue;
        seen.add(key);
        take(states.get(key), finding, record);
      }
    }
    const live = new Set(snapshot.sessions.map((session) => session.rowId));
    for (const [key, state] of states) if (!seen.has(key) && !isAsleep(state)) end(state);

    function take(state: AlertState | undefined, finding: Finding, record: AlertRecord): void {
      const isEvent = finding.isEvent === true;
      if (state === undefined) {
        const isTold = finding.isQuiet !== true;
        const { uid } = table.begin(record, snapshot.now, isEvent, isTold);
        if (isTold) tell(record, uid, false);
        return;
      }
      if (isEvent) return;
      const isTold = finding.isQuiet !== true && isDue(state, record.severity);
      const { uid } = table.hold(state, record, snapshot.now, isTold);
      if (isTold) tell(record, uid, false);
    }

    /** Of a session nobody works in just now nothing is known to be over, and nothing is told again when it goes on. */
    function isAsleep({ sessionId, seenAt }: AlertState): boolean {
      return sessionId !== 0 && !live.has(sessionId) && snapshot.now - seenAt <= keptMs;
    }

    /** Worse than when it was told last, or on for long. */
    function isDue(state: AlertState, severity: string): boolean {
      if (rank(severity) > rank(state.severity)) return true;
      const { repeatAfterMins } = options;
      return repeatAfterMins > 0 && snapshot.now - state.notifiedAt >= repeatAfterMins * minuteMs;
    }

    function end(state: AlertState): void {
      if (state.isEvent) {
        if (snapshot.now - state.seenAt > keptMs) table.end(state, snapshot.now);
        return;
      }
      const { uid } = table.end(state, snapshot.now);
      if (!options.sendResolved) return;
      const { type, scope, sessionId } = state;
      const message = 'Over: what this alert told of does not hold any more.';
      tell(
        { type, scope, sessionId, severity: 'info', message, fields: {}, provider: undefined, model: undefined },
        uid,
        true,
      );
    }

    function tell(record: AlertRecord, uid: string, isResolved: boolean): void {
      options.tell({ ...record, severity: record.severity as Severity, uid, isResolved, at: snapshot.now }); // a rule's own word
    }
  }).immediate();
}

function recordOf(type: string, finding: Finding): AlertRecord {
  return {
    type,
    scope: finding.scope ?? '',
    sessionId: finding.session ?? 0,
    severity: finding.severity,
    message: finding.message,
    fields: finding.fields,
    provider: finding.provider,
    model: finding.model,
  };
}

function rank(severity: string): number {
  return severity === 'critical' ? 2 : severity === 'warning' ? 1 : 0;
}

function keyOf(type: string, scope: string, sessionId: number): string {
  return `${type}\0${sessionId}\0${scope}`;
}
