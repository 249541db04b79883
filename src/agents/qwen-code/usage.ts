import { countOf, outputOf } from '../../readers/values.ts';
import type { Context, Response } from './notes.ts';

export function countsOf(
  told: {
    readonly prompt: number | undefined;
    readonly output: number | undefined;
    readonly reasoning: number | undefined;
    readonly cached: number | undefined;
    readonly total: number | undefined;
  },
  context: Pick<Context, 'bad' | 'badCounts'>,
): Pick<Response, 'usage' | 'prompt' | 'suspect'> {
  const bad = context.badCounts;
  const prompt = countOf(told.prompt, context);
  const cached = countOf(told.cached, context);
  const { output, reasoning } = outputOf({ ...told, prompt, output: countOf(told.output, context) }, context);
  if (cached > prompt) context.bad();
  const cacheRead = Math.min(cached, prompt);
  return {
    usage: {
      uncachedInputTokens: prompt - cacheRead,
      cacheReadInputTokens: cacheRead,
      cacheCreation5mInputTokens: 0,
      cacheCreation1hInputTokens: 0,
      outputTokens: output,
      reasoningOutputTokens: reasoning,
    },
    prompt,
    suspect: context.badCounts > bad,
  };
}
