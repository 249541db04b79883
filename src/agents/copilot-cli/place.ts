import type { ActivityEvent, CopyRank } from '../../events.ts';
import type { Context } from './notes.ts';

/** Who tells of a call, best first. */
export const ranks = { store: 1, record: 2, stream: 3, shutdown: 4, message: 5, otel: 6 } as const;

/** The id of a subagent’s session. */
export function childSession(session: string, agentId: string): string {
  return `${session}-agent-${agentId}`;
}

/** Where, when and within what a record happened. */
export interface Place {
  readonly key: string;
  readonly session: string;
  readonly at: number | undefined;
  readonly agentId: string | undefined;
  /** The call that started its subagent. */
  readonly parent: string | undefined;
  /** It happened in the session this one was forked from, where it counts. */
  readonly isInherited: boolean;
  readonly rank: CopyRank;
}

/** Tells of something that happened beside the calls of models and tools. */
export function act(
  event: Omit<ActivityEvent, 'kind' | 'key' | 'session' | 'at'>,
  place: Place,
  context: Context,
  session = place.session,
): void {
  context.emit({ kind: 'activity', key: place.key, session, at: place.at, parent: place.parent, ...event });
}

/** A word of the log's own, as opposed to a text that may hold anything. */
export function wordOf(text: string | undefined): string | undefined {
  return text !== undefined && /^[\w.-]{1,64}$/.test(text) ? text : undefined;
}
