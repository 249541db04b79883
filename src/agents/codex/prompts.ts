import type { PromptEvent, TurnEvent } from '../../events.ts';
import { type Context, mostWaiting } from './notes.ts';
import { isCopied, placeOf, tell } from './place.ts';

/**
 * One of two kinds of record tells the prompts of a thread; where both do, the one seen first. Told at once with the
 * model that answered last. It waits for its answer where there is none yet, or where only that can tell whose it is.
 */
export function takePrompt(kind: string, at: number | undefined, context: Context): void {
  const notes = context.state;
  notes.promptKind ??= kind;
  if (kind !== notes.promptKind || notes.isSubagent || isCopied(notes)) return;
  const { thread: session, branch, answeredBy: model } = notes;
  const scope = notes.fork?.part === 'open' ? session : '';
  const key = `${scope}${placeOf(notes)}:prompt${notes.since.prompts++}`;
  const prompt: PromptEvent = { kind: 'prompt', key, session, at, model, branch, rank: 'own' };
  if (model !== undefined && scope === '') tell(prompt, context);
  if (notes.prompts.length < mostWaiting) notes.prompts.push(prompt);
}

/** Now it is known which model answered, and with which response. */
export function answerPrompts(turn: TurnEvent, context: Context): void {
  const { fork, prompts } = context.state;
  const key = fork?.part === 'open' ? turn.key : undefined;
  for (const prompt of prompts.splice(0)) tell({ ...prompt, model: turn.model, turn: key }, context);
  context.state.answeredBy = turn.model;
}
