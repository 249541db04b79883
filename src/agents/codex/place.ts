import type { ActivityEvent, CompactionEvent, PromptEvent, TurnEvent } from '../../events.ts';
import type { Context, Notes } from './notes.ts';

/** Says what is known of the thread. */
export function introduce(
  context: Context,
  facts: {
    readonly cwd?: string | undefined;
    readonly agentType?: string | undefined;
    readonly contextWindow?: number | undefined;
    readonly at: number | undefined;
  },
): void {
  const { state: notes } = context;
  context.emit({
    kind: 'session',
    session: notes.thread,
    parent: notes.parent,
    branch: notes.branch,
    version: notes.version,
    rank: 'own',
    ...facts,
  });
  notes.isKnown = true;
}

/** Hands on what is of this thread; what may be a copy is marked, what is one is dropped. */
export function tell(event: TurnEvent | PromptEvent | CompactionEvent | ActivityEvent, context: Context): void {
  const { fork } = context.state;
  if (fork?.part === 'copied') return;
  if (fork?.part === 'open') fork.hasTold = true;
  const told = fork?.part === 'open' ? { ...event, forkDepth: fork.depth } : event;
  if (told.kind === 'turn') context.emitTurn(told);
  else context.emit(told);
}

/** Was what is read now copied from an ancestor? */
export function isCopied(notes: Notes): boolean {
  return notes.fork?.part === 'copied';
}

/** Begins keys of records without an id of their own: the same in every copy, another in every family of threads. */
export function scopeOf({ fork, thread }: Notes): string {
  return fork?.part === 'open' ? fork.origin : thread;
}

/** Where in the thread we are, by its counters: the same in every copy. */
export function placeOf(notes: Notes): string {
  return `${scopeOf(notes)}:${notes.epoch}:${notes.total?.join(',') ?? ''}`;
}
