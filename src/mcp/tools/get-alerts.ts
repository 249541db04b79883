import { z } from 'zod';
import { buildAlerts } from '../../report/alerts.ts';
import { limitInput } from '../session.ts';
import { list } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Alerts that are on now, and the newest that were.',
  isCore: true,
  input: z.object({ limit: limitInput(20) }),
  output: z.object({ firing: list, recent: list }),
  handle: (deps, { limit }) => {
    const { firing, recent } = buildAlerts(deps.db, { ...deps, limit, names: true });
    return { firing, recent };
  },
});
