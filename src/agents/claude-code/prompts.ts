import type { Context } from './notes.ts';

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
