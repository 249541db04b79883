import { readSync } from 'node:fs';
import type { Batch, LogFile } from '../../provider.ts';
import { childSession, startNotes } from './notes.ts';

/** The small file beside a subagent's log; it says what kind of agent it is. */
export function* readAgentMeta(file: LogFile): Generator<Batch, void> {
  const cursor = { offset: file.sizeBytes, state: null };
  const bytes = Buffer.alloc(Math.min(file.sizeBytes, 64 * 1024));
  readSync(file.fd, bytes, 0, bytes.length, 0);
  const notes = startNotes(file);
  try {
    const meta: unknown = JSON.parse(bytes.toString('utf8'));
    const agentType =
      typeof meta === 'object' && meta !== null && 'agentType' in meta && typeof meta.agentType === 'string'
        ? meta.agentType
        : undefined;
    const agentId = notes.agentId?.replace(/\.meta\.json$/, '');
    if (agentType === undefined || notes.parent === undefined || agentId === undefined)
      return yield { events: [], skipped: [], records: 1, cursor };
    const event = {
      kind: 'session',
      session: childSession(notes.parent, agentId),
      parent: notes.parent,
      agentType,
      rank: 'progress',
    } as const;
    yield { events: [event], skipped: [], records: 1, cursor };
  } catch {
    yield { events: [], skipped: [{ offset: 0, reason: 'invalid' }], records: 1, cursor };
  }
}
