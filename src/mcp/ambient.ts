import { ambientAnswer } from '../report/ambient.ts';
import { sessionUseAsked } from './session.ts';
import type { ToolDeps } from './tool.ts';

/** How the client's session does, for a client that shows it; undefined while nobody works or alerts speak of it. */
export function ambientStatus(deps: ToolDeps): Readonly<Record<string, unknown>> | undefined {
  if (deps.current === undefined || deps.current.stale) return undefined;
  const answer = ambientAnswer(deps.db, sessionUseAsked(deps, undefined), deps, deps.members);
  return answer === undefined ? undefined : { type: 'ambient_status', ...answer };
}
