import { knownCount } from '../../readers/values.ts';
import type { Context, Notes } from './notes.ts';
import { introduce, isCopied, placeOf, tell } from './place.ts';
import type { Settings } from './plan.ts';

/** The model that answers from now on. */
export function takeModel(model: string | undefined, at: number | undefined, context: Context): void {
  const notes = context.state;
  if (model === undefined || model === '' || model === notes.model) return;
  if (notes.model !== undefined) tellChange('model_change', model, model, at, context);
  notes.model = model;
}

type Modes = Notes['modes'];

/** The modes among settings. */
export function modesOf(settings: Settings): Modes {
  return {
    collaboration: settings.collaboration_mode?.mode,
    approval: settings.approval_policy,
    sandbox: settings.sandbox_policy?.type,
  };
}

/** How the thread works from now on. */
export function takeModes(told: Modes, at: number | undefined, context: Context): void {
  const { modes } = context.state;
  for (const kind of ['collaboration', 'approval', 'sandbox'] as const) {
    const value = told[kind];
    if (value === undefined || value === modes[kind]) continue;
    if (modes[kind] !== undefined) tellChange('mode_change', value, undefined, at, context);
    modes[kind] = value;
  }
}

function tellChange(
  type: 'model_change' | 'mode_change',
  name: string,
  model: string | undefined,
  at: number | undefined,
  context: Context,
): void {
  const notes = context.state;
  if (notes.answeredBy === undefined) return; // how a thread, or a fork's own part of it, begins is no change
  const key = `${placeOf(notes)}:change${notes.since.changes++}:${name}`;
  tell({ kind: 'activity', key, session: notes.thread, at, type, phase: 'changed', name, model }, context);
}

/** The context window, where it is another than before. */
export function takeWindow(window: number | undefined, at: number | undefined, context: Context): void {
  const notes = context.state;
  const known = knownCount(window);
  if (known === undefined || known === 0 || known === notes.window || isCopied(notes)) return;
  notes.window = known;
  introduce(context, { contextWindow: known, at });
}
