import { z } from 'zod';
import { optimizerNamed, presetNamed, presetPreview } from '../../report/optimizations.ts';
import { list, text } from '../shapes.ts';
import { defineTool, ToolError } from '../tool.ts';

export default defineTool({
  description: 'What a preset would write and run; nothing is written.',
  input: z.object({ provider: z.string().max(64), preset: z.string().max(64) }),
  output: z.object({ provider_id: text, preset_id: text, launch_command: text, artifacts: list, warnings: list }),
  handle: (deps, input) => {
    const found = optimizerNamed(deps.optimizers, input.provider);
    const preset = presetNamed(input.preset);
    if (found === undefined)
      throw new ToolError('bad_request', `provider must be one of ${[...deps.optimizers.keys()].join(', ')}`);
    if (preset === undefined)
      throw new ToolError('bad_request', 'preset must be one of most-savings, balanced, most-speed, most-power');
    return presetPreview(found[0], found[1], preset, deps);
  },
});
