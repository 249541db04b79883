import { timeOf } from '../../readers/values.ts';
import { letGo } from './calls.ts';
import type { Context, Fork, Notes } from './notes.ts';
import { introduce } from './place.ts';
import type { Payload } from './plan.ts';

/** Who the thread is, or an ancestor whose history it begins with. */
export function takeMeta(meta: Payload, at: number | undefined, context: Context): void {
  const notes = context.state;
  const id = meta.id ?? meta.session_id;
  if (!notes.isKnown) return takeOwnMeta(meta, id ?? notes.thread, at, context);
  if (id === undefined || id === notes.thread) {
    if (meta.cli_version === undefined || meta.cli_version === notes.version) return;
    notes.version = meta.cli_version; // resumed by another version
    return introduce(context, { at });
  }
  if (!notes.hasUsage && notes.fork?.part !== 'own') takeAncestor(id, meta.forked_from_id, notes);
}

function takeOwnMeta(meta: Payload, id: string, at: number | undefined, context: Context): void {
  const notes = context.state;
  const agent = meta.source?.fields?.subagent;
  const spawn = agent?.fields?.thread_spawn;
  const isSubagent = agent !== undefined || meta.thread_source === 'subagent';
  const root = isSubagent && meta.session_id !== id ? meta.session_id : undefined;
  const copiedFrom = meta.forked_from_id ?? spawn?.parent_thread_id;
  notes.thread = id;
  notes.isSubagent = isSubagent;
  notes.parent = spawn?.parent_thread_id ?? meta.parent_thread_id ?? root;
  notes.fork = copiedFrom === undefined ? undefined : forkOf(id, copiedFrom);
  notes.branch = meta.git?.branch || undefined;
  notes.version = meta.cli_version;
  introduce(context, {
    cwd: meta.cwd,
    agentType: isSubagent
      ? (spawn?.agent_role ?? meta.agent_role ?? agent?.fields?.other ?? agentNameOf(agent, context))
      : undefined,
    at: timeOf(meta.timestamp) ?? at,
  });
}

/** `{subagent: "review"}`: the kind is a bare word. Anything else is none. */
function agentNameOf(agent: Parameters<Context['peek']>[0] | undefined, context: Context): string | undefined {
  return agent === undefined ? undefined : /^[a-z][a-z_-]{0,39}$/.exec(context.peek(agent))?.[0];
}

function forkOf(thread: string, origin: string): Fork {
  return { part: 'open', startedAt: timeOfId(thread), ancestors: [], depth: 1, origin, hasTold: false };
}

/** The first record of an ancestor, copied: so this is a fork, whatever its own first record says. */
function takeAncestor(id: string, from: string | undefined, notes: Notes): void {
  notes.fork ??= forkOf(notes.thread, id);
  const { fork } = notes;
  if (fork.ancestors.includes(id) || fork.ancestors.length >= mostAncestors) return;
  fork.ancestors.push(id);
  fork.origin = from ?? id;
  fork.depth = fork.ancestors.length + (from === undefined ? 0 : 1);
}

const mostAncestors = 64;

/** A UUIDv7 begins with the time it was made at, in milliseconds. */
function timeOfId(id: string): number | undefined {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/i.test(id)
    ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
    : undefined;
}

/** Turns made before the thread were copied into it, and so was everything before the first that was not. */
export function startTurn(id: string | undefined, context: Context): void {
  const notes = context.state;
  const { fork } = notes;
  const madeAt = id === undefined ? undefined : timeOfId(id);
  if (fork?.startedAt !== undefined && fork.part !== 'own' && madeAt !== undefined) {
    if (fork.part === 'open' && fork.hasTold) context.emit({ kind: 'copied', session: notes.thread });
    fork.part = madeAt < fork.startedAt ? 'copied' : 'own';
    forgetWaiting(notes);
  }
  if (id !== undefined && id === notes.turn) return;
  notes.isFresh = true;
  notes.answerItems = 0;
  if (id === undefined) return; // until the end of 2025: told before every request
  notes.turn = id;
  notes.compaction = undefined;
  letGo(context);
}

/** What waits for its response was a copy. */
function forgetWaiting(notes: Notes): void {
  notes.prompts = [];
  notes.calls = [];
  notes.compaction = undefined;
  notes.lastTurn = undefined;
  notes.answerItems = 0;
}
