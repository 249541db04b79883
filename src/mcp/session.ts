import { z } from 'zod';
import type { Database } from '../store/driver.ts';
import { type SessionUse, sessionUse } from '../store/queries/live-sessions.ts';
import { type SessionHead, sessionHead } from '../store/queries/session-head.ts';
import { topSessionNamed } from '../store/queries/sessions.ts';
import { type ToolDeps, ToolError } from './tool.ts';

/** The optional id of a session; without one it is the client's own. */
export const sessionInput = z.object({
  session_id: z
    .string()
    .refine((id) => /^[A-Za-z0-9._:@-]{1,128}$/.test(id), 'must be an id of at most 128 characters')
    .optional()
    .describe('Default: your own session'),
});

/** At most 500; more counts as 500. */
export function limitInput(preset: number) {
  return z
    .number()
    .int()
    .min(1)
    .transform((limit) => Math.min(limit, 500))
    .default(preset);
}

/** Row id of the top-level session asked for. @throws ToolError when there is none such */
export function sessionAsked(deps: Pick<ToolDeps, 'db' | 'current'>, id: string | undefined): number {
  if (id === undefined) {
    if (deps.current === undefined) throw new ToolError('no_session', 'No session has a turn yet');
    return deps.current.rowId;
  }
  const rowId = topSessionNamed(deps.db, id);
  if (rowId === undefined) throw new ToolError('no_such_session', 'No such session');
  return rowId;
}

/** What a session and its subagents used. @throws ToolError */
export function sessionUseAsked(deps: Pick<ToolDeps, 'db' | 'current'>, id: string | undefined): SessionUse {
  const rowId = sessionAsked(deps, id);
  const use = sessionUse(deps.db, [rowId]).get(rowId);
  if (use === undefined) throw new ToolError('no_such_session', 'No such session');
  return use;
}

/** @throws ToolError */
export function headAsked(deps: Pick<ToolDeps, 'db' | 'current'>, id: string | undefined): SessionHead {
  const rowId = sessionAsked(deps, id);
  const head = headOfRow(deps.db, rowId);
  if (head === undefined) throw new ToolError('no_such_session', 'No such session');
  return head;
}

function headOfRow(db: Database, rowId: number): SessionHead | undefined {
  const sid = db.prepare<[number], string>('SELECT sid FROM session WHERE id = ?').pluck().get(rowId);
  return sid === undefined ? undefined : sessionHead(db, sid);
}
