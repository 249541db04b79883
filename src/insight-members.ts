import { loadMembers } from './members.ts';
import type { FigureModule } from './metrics/figure.ts';
import type { SignalModule } from './metrics/signal.ts';
import type { SuggestionModule } from './metrics/suggestion.ts';
import type { InsightMembers } from './report/insights.ts';

/** Everything that looks at turns: signals, suggestions and figures. */
export async function loadInsightMembers(): Promise<InsightMembers> {
  const [signals, suggestions, figures] = await Promise.all([
    loadMembers<SignalModule>('metrics/signals'),
    loadMembers<SuggestionModule>('metrics/suggestions'),
    loadMembers<FigureModule>('metrics/figures'),
  ]);
  return { signals, suggestions, figures };
}
