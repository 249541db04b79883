import type { Context } from './notes.ts';

/** Prompts that wait at most. */
const mostWaiting = 16;

/** The user has asked; which model answers is not known yet, so until then it is the one before. */
export function takePrompt(key: string, at: number | undefined, branch: string | undefined, context: Context): void {
  const { session, model, prompts } = context.state;
  context.emit({ kind: 'prompt', session, model, rank: 'own', key, at, branch });
  if (prompts.length < mostWaiting) prompts.push({ key, at, branch });
}

/** Now the model that answered is known: say the waiting prompts again with it. */
export function answerPrompts(model: string, context: Context): void {
  const notes = context.state;
  if (notes.model !== model) {
    notes.model = model;
    notes.prompts
      .splice(0)
      .forEach((prompt) => context.emit({ kind: 'prompt', session: notes.session, model, rank: 'own', ...prompt }));
  }
  notes.prompts.length = 0;
}
