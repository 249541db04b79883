import { z } from 'zod';
import { optimizationReport } from '../../report/optimizations.ts';
import { list } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Presets to start agents cheaper, quicker or stronger.',
  output: z.object({ providers: list }),
  handle: (deps) => ({
    providers: [...deps.optimizers].map(([id, optimizer]) => optimizationReport(deps.db, id, optimizer, deps)),
  }),
});
