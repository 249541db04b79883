import type { Database } from '../store/driver.ts';
import { projectOfFolder } from '../store/queries/project-of-folder.ts';
import { liveMs, newestTopSession, topSessionNamed } from '../store/queries/sessions.ts';
import type { CurrentSession } from './tool.ts';

/** What a client told of itself, from what it is started with and what it says. */
export interface Client {
  /** Its session, where it names it. */
  readonly sessionId: string | undefined;
  /** Folders it works in, the surest first. */
  readonly folders: readonly string[];
  readonly name: string | undefined;
}

/** Clients by what they call themselves, and the logs they write. */
const writers: readonly (readonly [RegExp, string])[] = [
  [/claude/i, 'claude-code'],
  [/codex/i, 'codex'],
  [/gemini/i, 'gemini-cli'],
  [/copilot/i, 'copilot-cli'],
  [/opencode/i, 'opencode'],
  [/qwen/i, 'qwen-code'],
];

/**
 * The client's session: the one it names; else the newest in the project it works in, of its own logs if there are any;
 * else the newest of the machine. Undefined: there is none.
 */
export function currentOf(db: Database, client: Client, now: number): CurrentSession | undefined {
  // The variable is inherited by whatever is started from there: only its own client means itself by it.
  const isItself = client.sessionId !== undefined && /claude|^$/i.test(client.name ?? '');
  const named = isItself ? topSessionNamed(db, client.sessionId ?? '') : undefined;
  if (named !== undefined) return current(db, named, 'client', now);
  const provider = writers.find(([pattern]) => pattern.test(client.name ?? ''))?.[1];
  const project = projectOf(db, client);
  if (project !== undefined) {
    const newest =
      newestTopSession(db, { now, project, provider }) ?? newestTopSession(db, { now, project, provider: undefined });
    if (newest !== undefined) return current(db, newest, 'project', now);
  }
  const newest =
    newestTopSession(db, { now, project: undefined, provider }) ??
    newestTopSession(db, { now, project: undefined, provider: undefined });
  return newest === undefined ? undefined : current(db, newest, 'machine', now);
}

/** Row id of the project the client works in; undefined: it tells no folder, or none we know. */
export function projectOf(db: Database, client: Client): number | undefined {
  for (const folder of client.folders) {
    const found = projectOfFolder(db, folder);
    if (found !== undefined) return found;
  }
  return undefined;
}

function current(db: Database, rowId: number, matched: CurrentSession['matched'], now: number): CurrentSession {
  const last = db
    .prepare<[number], number | null>('SELECT MAX(last_turn_at) FROM session WHERE top_id = ?')
    .pluck()
    .get(rowId);
  return { rowId, matched, stale: (last ?? 0) <= now - liveMs };
}
