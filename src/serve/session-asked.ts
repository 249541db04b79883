import type { Database } from '../store/driver.ts';
import { type SessionHead, sessionHead } from '../store/queries/session-head.ts';
import { RouteError } from './route.ts';

/** The session asked for, else the newest. @throws RouteError 404 when there is none such */
export function headOf(db: Database, id: string | undefined): SessionHead {
  const head = sessionHead(db, id);
  if (head === undefined) throw new RouteError(404, 'no_such_session', 'No such session');
  return head;
}
