import { buildAlerts } from '../../report/alerts.ts';
import { type SummaryFacts, summaryFacts } from '../components/summary-facts.ts';
import { defineQuestion } from '../question.ts';

/** How things stand; of nothing while nobody wants to know. */
export default defineQuestion(
  'summary',
  (db, { wanted }: { readonly wanted: boolean }, known): SummaryFacts | undefined => {
    if (!wanted) return undefined;
    const { firing } = buildAlerts(db, { now: known.now, limit: 1, names: true, isPublicModel: () => true });
    return summaryFacts(
      db,
      known,
      firing.filter((alert) => alert.snoozed_until === undefined).map((alert) => alert.message),
    );
  },
);
