import { type ConversationPhase, conversationPhase } from '../conversation-phase.ts';
import { defineSuggestion } from '../suggestion.ts';

const words: Readonly<Record<ConversationPhase, readonly [title: string, body: string]>> = {
  compaction: ['Just compacted', 'The context was summarised a moment ago. Say again what must not be lost.'],
  exploration: ['Looking around', 'Most calls search and read. A narrower question keeps the context small.'],
  focus: ['Focused work', 'Most calls change files: the session does what it is for.'],
  wind_down: ['Winding down', 'Turns get smaller. A new task is better begun in a new session.'],
};

export default defineSuggestion({
  of: ({ turns, calls }) => {
    const phase = conversationPhase(turns, calls);
    if (phase === undefined) return undefined;
    const [title, body] = words[phase];
    return { severity: 'info', title, body };
  },
});
