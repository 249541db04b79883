import { z } from 'zod';
import { presetIds } from '../../optimizer.ts';
import { optimizerNamed, presetNamed, presetPreview } from '../../report/optimizations.ts';
import { defineRoute, RouteError } from '../route.ts';

const presets = presetIds.join(', ');

export default defineRoute({
  path: '/api/v1/provider-optimizations/preview',
  tier: 2,
  summary: 'What a preset would write and run; nothing is written',
  query: z.object({
    provider: z.string().min(1).max(256).describe('the name of a provider with presets'),
    preset: z
      .string()
      .transform(presetNamed)
      .refine((id) => id !== undefined)
      .describe(`one of ${presets}`),
  }),
  answer: z.strictObject({
    provider_id: z.string(),
    provider_name: z.string(),
    preset_id: z.enum(presetIds),
    support: z.enum(['config_and_launch', 'launch_only']),
    launcher_path: z.string(),
    launch_command: z.string(),
    artifacts: z.array(
      z.strictObject({ kind: z.string(), path: z.string(), description: z.string(), content: z.string() }),
    ),
    warnings: z.array(z.string()),
  }),
  handle: (deps, { provider, preset }) => {
    const found = optimizerNamed(deps.optimizers, provider);
    if (found === undefined) throw new RouteError(404, 'not_found', 'There is no preset for a provider of this name');
    if (preset === undefined) throw new RouteError(400, 'bad_request', `preset must be one of ${presets}`);
    return presetPreview(found[0], found[1], preset, deps);
  },
});
