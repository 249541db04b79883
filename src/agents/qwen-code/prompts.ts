import { timeOf } from '../../readers/values.ts';
import { type Context, keyOfRecord } from './notes.ts';
import { type Row, rankOf } from './plan.ts';

/** Only what a person wrote: not what the program tells the model on its own. */
export function takePrompt(row: Row, context: Context): void {
  const isPerson =
    row.provenance === undefined
      ? row.subtype === undefined || row.subtype === 'mid_turn_user_message'
      : row.provenance === 'real_user';
  if (!isPerson || row.isSidechain === true) return;
  const notes = context.state;
  const prompt = {
    key: keyOfRecord(row, context),
    at: timeOf(row.timestamp),
    branch: row.gitBranch || undefined,
    rank: rankOf(row),
  };
  context.emit({ kind: 'prompt', session: notes.session, model: notes.model, ...prompt });
  if (notes.prompts.length < 16) notes.prompts.push(prompt);
}

/** Now the model that answered is known: say the waiting prompts again with it. */
export function answerPrompts(model: string, context: Context): void {
  const notes = context.state;
  if (notes.model !== model) {
    notes.model = model;
    for (const prompt of notes.prompts) context.emit({ kind: 'prompt', session: notes.session, model, ...prompt });
  }
  notes.prompts.length = 0;
}
