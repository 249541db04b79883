import { z } from 'zod';
import { optimizationReport, optimizerNamed } from '../../report/optimizations.ts';
import { nameParameter } from '../query.ts';
import { defineRoute, RouteError } from '../route.ts';

const preset = z.strictObject({
  id: z.string(),
  title: z.string(),
  summary: z.string(),
  tradeoff: z.string(),
  config_strategy: z.string().describe('none, profile or overlay'),
  command_preview: z.string(),
  optimizations: z.array(z.string()).readonly(),
});
const report = z.strictObject({
  provider_id: z.string(),
  provider_name: z.string(),
  detected: z.boolean().describe('It has been used here'),
  support: z.enum(['config_and_launch', 'launch_only']),
  config_path: z.string().nullable(),
  launcher_dir: z.string(),
  current_preset: z.string().nullable().describe('The preset whose launcher is there'),
  summary: z.string(),
  notes: z.array(z.string()).readonly(),
  docs: z.array(z.string()).readonly(),
  presets: z.array(preset),
});

export default defineRoute({
  path: '/api/v1/provider-optimizations',
  tier: 2,
  summary: 'Presets to start agents cheaper, quicker or stronger; one report when a provider is named',
  query: z.object({ provider: nameParameter.optional() }),
  answer: z.union([z.strictObject({ providers: z.array(report) }), report]),
  handle: (deps, { provider }) => {
    if (provider === undefined)
      return {
        providers: [...deps.optimizers].map(([id, optimizer]) => optimizationReport(deps.db, id, optimizer, deps)),
      };
    const found = optimizerNamed(deps.optimizers, provider);
    if (found === undefined) throw new RouteError(404, 'not_found', 'There is no preset for a provider of this name');
    return optimizationReport(deps.db, found[0], found[1], deps);
  },
});
