import { z } from 'zod';
import { alertsSchema } from '../../report/alert-schema.ts';
import { buildAlerts } from '../../report/alerts.ts';
import { limitOf } from '../query.ts';
import { defineRoute } from '../route.ts';

export default defineRoute({
  path: '/api/v1/alerts',
  tier: 1,
  summary: 'Alerts that are on, and the newest that were; names from tier 2 on',
  query: z.object({ limit: limitOf(20) }),
  answer: alertsSchema,
  handle: ({ db, now, tier, isPublicModel }, { limit }) =>
    buildAlerts(db, { now, limit, names: tier >= 2, isPublicModel }),
});
