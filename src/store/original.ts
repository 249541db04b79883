import type { LogEvent } from '../events.ts';
import { cleanName, nameOf } from './clean.ts';
import { type Database, openFile } from './driver.ts';
import type { StorePaths } from './open.ts';
import { moveAside } from './recover.ts';

/** Keeps the original program's database whole in `backups/`; returns the directory. */
export function setAsideOriginal(paths: StorePaths, now: number): string {
  return moveAside(paths, 'original', now, { kind: 'set_aside', details: { what: 'original' } }).directory;
}

interface OriginalSession {
  readonly id: string;
  readonly project: string | null;
  readonly git_branch: string | null;
  readonly model: string | null;
  readonly started_at: number;
  readonly parent_session_id: string | null;
  readonly provider: string | null;
  readonly provider_version: string | null;
}

interface OriginalTurn {
  readonly id: string;
  readonly timestamp: number;
  readonly model: string | null;
  readonly input_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly cache_write_1h_tokens: number | null;
  readonly output_tokens: number;
  readonly service_tier: string | null;
}

/** One session of a set-aside database with everything it recorded, as events marked imported. */
export interface ImportedRecords {
  readonly provider: string;
  readonly session: string;
  readonly events: readonly LogEvent[];
  /** What the user grouped it by; absent: nothing, or they are taken along otherwise. */
  readonly tags?: readonly string[];
}

/**
 * The sessions of a set-aside original database (read through `db`'s path `directory`/scopeon.db), as events. Whoever
 * imports leaves out those of which a log has given turns. Columns that older schemas lack read as empty.
 */
export function* readOriginal(file: string): Generator<ImportedRecords> {
  const db = openFile(file, { readonly: true });
  try {
    const sessions = columnsOf(db, 'sessions', [
      'id',
      'project',
      'git_branch',
      'model',
      'started_at',
      'parent_session_id',
      'provider',
      'provider_version',
    ]);
    const turns = columnsOf(db, 'turns', [
      'id',
      'timestamp',
      'model',
      'input_tokens',
      'cache_read_tokens',
      'cache_write_tokens',
      'cache_write_1h_tokens',
      'output_tokens',
      'service_tier',
    ]);
    const turnsOf = db.prepare<[string], OriginalTurn>(
      `SELECT ${turns} FROM turns WHERE session_id = ? ORDER BY timestamp`,
    );
    const tagsOf = tagReader(db);
    for (const session of db.prepare<[], OriginalSession>(`SELECT ${sessions} FROM sessions`).all()) {
      const id = String(session.id);
      yield {
        provider: session.provider || 'claude-code',
        session: id,
        events: [sessionEvent(session), ...turnsOf.all(id).map((turn) => turnEvent(session, turn))],
        tags: tagsOf(id),
      };
    }
  } finally {
    db.close();
  }
}

/** Schemas before the fourth have none. */
function tagReader(db: Database): (id: string) => readonly string[] {
  if (db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'session_tags'").get() === undefined) return () => [];
  const tags = db.prepare<[string], unknown>('SELECT tag FROM session_tags WHERE session_id = ? ORDER BY tag').pluck();
  return (id) => tags.all(id).flatMap((tag) => (typeof tag === 'string' ? (nameOf(tag) ?? []) : []));
}

/** What the store knows of a session by its own id. */
export function sessionsToImport(db: Database): {
  /** Has a log told as much of it, or is there nothing to tell? Then nothing is imported. */
  isTold(records: ImportedRecords): boolean;
  mark(provider: string, sid: string): void;
} {
  const findTurn = db.prepare<[string, string]>(
    'SELECT 1 FROM turn JOIN session ON session.id = turn.session_id WHERE provider = ? AND sid = ? LIMIT 1',
  );
  const findSession = db.prepare<[string, string]>('SELECT 1 FROM session WHERE provider = ? AND sid = ?');
  const mark = db.prepare('UPDATE session SET imported = 1 WHERE provider = ? AND sid = ?');
  return {
    isTold({ provider, session, events }) {
      if (events.length === 1) return true; // itself alone
      const hasTurns = events.some((event) => event.kind === 'turn');
      return (hasTurns ? findTurn : findSession).get(provider, cleanName(session)) !== undefined;
    },
    mark: (provider, sid) => void mark.run(provider, cleanName(sid)),
  };
}

function columnsOf(db: Database, table: string, wanted: readonly string[]): string {
  const there = new Set((db.pragma(`table_info(${table})`) as { name: string }[]).map((column) => column.name));
  return wanted.map((column) => (there.has(column) ? column : `NULL AS ${column}`)).join(', ');
}

function sessionEvent(session: OriginalSession): LogEvent {
  return {
    kind: 'session',
    session: String(session.id),
    parent: session.parent_session_id ?? undefined,
    cwd: session.project || undefined,
    branch: session.git_branch || undefined,
    version: session.provider_version || undefined,
    at: count(session.started_at),
    rank: 'progress',
  };
}

function turnEvent(session: OriginalSession, turn: OriginalTurn): LogEvent {
  const write = count(turn.cache_write_tokens);
  const write1h = Math.min(write, count(turn.cache_write_1h_tokens));
  const prompt = count(turn.input_tokens) + count(turn.cache_read_tokens) + write;
  return {
    kind: 'turn',
    key: String(turn.id),
    session: String(session.id),
    at: count(turn.timestamp),
    model: turn.model || session.model || 'unknown',
    usage: {
      uncachedInputTokens: count(turn.input_tokens),
      cacheReadInputTokens: count(turn.cache_read_tokens),
      cacheCreation5mInputTokens: write - write1h,
      cacheCreation1hInputTokens: write1h,
      outputTokens: count(turn.output_tokens),
    },
    fast: false,
    serviceTier: turn.service_tier ?? undefined,
    webSearchRequests: 0,
    promptTokens: prompt,
    contextTokens: prompt + count(turn.output_tokens),
    sidechain: session.parent_session_id !== null,
    rank: 'progress',
    branch: session.git_branch || undefined,
    quality: 'imported',
    tools: [],
  };
}

function count(value: number | null): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
