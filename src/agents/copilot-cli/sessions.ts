import { knownCount, timeOf } from '../../readers/values.ts';
import { type Context, type Leg, remember } from './notes.ts';
import { act, type Place, wordOf } from './place.ts';
import type { Data } from './plan.ts';

/** A session begins. */
export function takeStart(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  notes.isForeign = data.sessionId !== undefined && data.sessionId !== notes.session;
  notes.isInherited = notes.isForeign;
  if (!notes.isForeign) notes.startedAt = timeOf(data.startTime);
  notes.choice = data.selectedModel;
  noteModel(data.selectedModel, context);
  const rank = notes.isForeign ? 'progress' : 'own';
  tellSession({ ...whereOf(data.context), version: data.copilotVersion }, { ...place, rank }, context);
  beginLeg(place.at, context);
}

/** A session is taken up again. */
export function takeResume(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  notes.isResumed = true;
  notes.choice = data.selectedModel ?? notes.choice;
  noteModel(data.selectedModel, context);
  tellSession(whereOf(data.context), place, context);
  beginLeg(place.at, context);
}

/** The repository's root outlives the repository, which the folder worked in could not be traced to any more. */
export function whereOf(told: Pick<Data, 'cwd' | 'gitRoot' | 'branch'> | undefined) {
  return { cwd: told?.gitRoot ?? told?.cwd, branch: told?.branch };
}

/** Says what is new of the session. */
export function tellSession(
  facts: {
    readonly cwd?: string | undefined;
    readonly branch?: string | undefined;
    readonly version?: string | undefined;
    readonly contextWindow?: number | undefined;
  },
  place: Place,
  context: Context,
): void {
  const notes = context.state;
  notes.cwd = facts.cwd ?? notes.cwd;
  notes.branch = facts.branch ?? notes.branch;
  notes.version = facts.version ?? notes.version;
  context.emit({ kind: 'session', session: notes.session, ...facts, rank: place.rank, at: place.at });
}

/** Says what is known of a subagent’s session. */
export function tellAgent(agentType: string | undefined, place: Place, context: Context): void {
  const { session, cwd, branch, version } = context.state;
  context.emit({
    kind: 'session',
    session: place.session,
    parent: session,
    cwd,
    branch,
    version,
    agentType,
    rank: place.rank,
    at: place.at,
  });
}

/** The session’s context window, where it is another than before. */
export function learnWindow(tokens: number | undefined, place: Place, context: Context): void {
  const notes = context.state;
  const window = knownCount(tokens);
  if (window === undefined || window === 0 || window === notes.window || place.agentId !== undefined) return;
  notes.window = window;
  tellSession({ contextWindow: window }, place, context);
}

/** A stretch begins that a shutdown will sum up. */
export function beginLeg(at: number | undefined, context: Context): void {
  const { legs, session } = context.state;
  if (at === undefined) return;
  context.emit({ kind: 'stretch', session, at });
  startLeg(legs, at);
}

/** A leg of which no message told anything says nothing that a shutdown could be compared with. */
export function startLeg(legs: Leg[], from: number): void {
  if (legs.at(-1)?.isTold === false) legs.pop();
  remember(legs, { from, output: 0, isTold: false });
}

/** The model that answers from now on. */
export function noteModel(model: string | undefined, context: Context): void {
  if (model !== undefined && model !== '' && model !== 'auto') context.state.model = model;
}

/** Another model was chosen. */
export function takeModelChange(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  if (place.agentId !== undefined || data.newModel === undefined) return; // a subagent's own choice
  const before = notes.choice;
  notes.choice = data.newModel;
  if (data.newModel !== 'auto') return takeModel(data.newModel, data.newModel, place, context);
  if (before !== undefined && before !== 'auto')
    act({ type: 'model_change', phase: 'changed', name: 'auto' }, place, context);
}

/** A model is used from now on; only a change is worth a word. */
export function takeModel(model: string | undefined, name: string, place: Place, context: Context): void {
  const before = context.state.model;
  noteModel(model, context);
  if (before !== undefined && model !== undefined && model !== before)
    act({ type: 'model_change', phase: 'changed', name, model }, place, context);
}

/** Another mode was chosen; planning begins and ends with it. */
export function takeModeChange(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  const mode = wordOf(data.newMode);
  if (mode === undefined) return;
  act({ type: 'mode_change', phase: 'changed', name: mode }, place, context);
  const phase = mode === 'plan' ? 'start' : notes.mode === 'plan' ? 'complete' : undefined;
  if (phase !== undefined)
    act({ type: 'plan', phase, name: 'plan_mode' }, { ...place, key: `${place.key}:plan` }, context);
  notes.mode = mode;
}
