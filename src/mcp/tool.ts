import type { z } from 'zod';
import type { OptimizerModule } from '../optimizer.ts';
import type { BudgetSettings } from '../report/budget.ts';
import type { InsightMembers } from '../report/insights.ts';
import type { NowRequest } from '../report/stats.ts';
import type { Database } from '../store/driver.ts';

/** What a tool may use. The store is read-only but for the one tool that says it writes. */
export interface ToolDeps extends NowRequest {
  readonly db: Database;
  readonly budget: BudgetSettings;
  readonly members: InsightMembers;
  readonly isPublicModel: (model: string) => boolean;
  readonly version: string;
  readonly optimizers: ReadonlyMap<string, OptimizerModule>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Which session "the session" is for this client; undefined: there is none. */
  readonly current: CurrentSession | undefined;
  /** Does this provider's log tell of skills, and which server answers an MCP call? */
  readonly tells: (provider: string) => { readonly skills: boolean; readonly mcpIdentity: boolean };
  /** Replaces a session's tags. For the tool that writes. */
  readonly setTags: (sessionRowId: number, tags: readonly string[]) => Promise<void>;
}

/** A top-level session, and how it was found to be the client's. */
export interface CurrentSession {
  readonly rowId: number;
  /** `client`: it named it itself; `project`: the newest in the client's project; `machine`: the newest of all. */
  readonly matched: 'client' | 'project' | 'machine';
  /** No turn in the last fifteen minutes. */
  readonly stale: boolean;
}

/** One tool. The name is the file name with `_` for `-`. It returns plain data and does not know the protocol. */
export interface ToolModule<Input extends z.ZodObject = z.ZodObject> {
  /** One sentence for an agent: what it is told, and when to ask. */
  readonly description: string;
  /** Among the few that `--tools core` offers. Default: no. */
  readonly isCore?: boolean;
  /** Changes something. Default: only reads. */
  readonly writes?: boolean;
  readonly input?: Input;
  /** Names and kinds of the answer's own fields; `as_of`, `stale` and `matched` come beside them. */
  readonly output: z.ZodObject;
  /** @throws ToolError for what the asker can mend */
  handle(
    deps: ToolDeps,
    input: z.output<Input>,
  ): Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;
}

/** Identity; carries the types. */
export function defineTool<Input extends z.ZodObject>(tool: ToolModule<Input>): ToolModule<Input> {
  return tool;
}

/** What an agent can mend. The text holds no name from a log. */
export class ToolError extends Error {
  readonly code: 'no_such_session' | 'no_session' | 'bad_request' | 'not_found' | 'unavailable';

  constructor(code: ToolError['code'], message: string) {
    super(message);
    this.name = 'ToolError';
    this.code = code;
  }
}
