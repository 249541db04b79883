import { buildAlerts } from '../../report/alerts.ts';
import { activeSessions } from '../../store/queries/live-sessions.ts';
import { liveMs } from '../../store/queries/sessions.ts';
import { spendOf } from '../components/spend-of.ts';
import { defineQuestion } from '../question.ts';

/** What stands above every tab: spend, which sessions may be live, and which alerts are on. */
export default defineQuestion('header', (db, _: object, known) => ({
  ...spendOf(db, known),
  active: activeSessions(db, known.now - liveMs),
  firing: buildAlerts(db, { now: known.now, limit: 1, names: true, isPublicModel: () => true }).firing.map(
    ({ id, severity, message, project, snoozed_until }) => ({
      id,
      severity,
      message,
      project,
      snoozedUntil: snoozed_until === undefined ? undefined : Date.parse(snoozed_until),
    }),
  ),
}));
