import type { CallToolResult, Tool } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { StartOfWeek, Zone } from '../metrics/calendar.ts';
import type { PriceBook } from '../metrics/prices.ts';
import type { OptimizerModule } from '../optimizer.ts';
import type { BudgetSettings } from '../report/budget.ts';
import { tellsOf } from '../report/capabilities.ts';
import type { InsightMembers } from '../report/insights.ts';
import type { Database } from '../store/driver.ts';
import { ingestTotals } from '../store/queries/health.ts';
import { bounded } from './bounded.ts';
import { type Client, currentOf } from './current.ts';
import { jsonSchema } from './json-schema.ts';
import { type Backend, failedResult, InvalidArguments } from './protocol.ts';
import { callsOf } from './resources.ts';
import { type ToolDeps, ToolError, type ToolModule } from './tool.ts';

export interface BackendOptions {
  /** The store as it is now; undefined: there is none yet. */
  readonly db: () => Database | undefined;
  readonly tools: ReadonlyMap<string, ToolModule>;
  /** Only the few that `--tools core` offers. */
  readonly coreOnly: boolean;
  readonly members: InsightMembers;
  readonly bookOf: (db: Database) => PriceBook;
  readonly isPublicModel: (model: string) => boolean;
  readonly growth: (db: Database, model: string, now: number) => number | undefined;
  readonly budget: BudgetSettings;
  readonly zone: Zone;
  readonly startOfWeek: StartOfWeek;
  readonly version: string;
  readonly optimizers: ReadonlyMap<string, OptimizerModule>;
  readonly home: string;
  readonly client: () => Client;
  readonly now: () => number;
  readonly setTags: (sessionRowId: number, tags: readonly string[]) => Promise<void>;
  readonly onFault: (error: unknown) => void;
  /** Once the logs have been looked at, at the latest some seconds after the start. */
  readonly ready: () => Promise<void>;
}

/** What went wrong is for the user, on standard error: it may name paths. */
const unusable = new ToolError('unavailable', 'The store cannot be used now; scopeon doctor says why');

/** What any tool may be asked while there is no store. */
const nothingYet = new ToolError('unavailable', 'No log of an agent has been read yet; ask again in a moment');

export interface ToolBackend extends Backend {
  /** Addresses the client follows. */
  readonly subscriptions: ReadonlySet<string>;
  /** What a tool would be given now; undefined: there is no store. */
  deps(): ToolDeps | undefined;
}

export function createBackend(options: BackendOptions): ToolBackend {
  const tools = new Map(
    [...options.tools]
      .filter(([, tool]) => !options.coreOnly || tool.isCore === true)
      .map(([id, tool]) => [id.replaceAll('-', '_'), tool]),
  );
  const subscriptions = new Set<string>();
  const list = [...tools].map(([name, tool]) => listed(name, tool));
  let book: { readonly db: Database; readonly book: PriceBook } | undefined;

  function deps(): ToolDeps | undefined {
    const db = options.db();
    if (db === undefined) return undefined;
    if (book?.db !== db) book = { db, book: options.bookOf(db) };
    const held = book.book;
    const now = options.now();
    return {
      db,
      now,
      zone: options.zone,
      startOfWeek: options.startOfWeek,
      budget: options.budget,
      members: options.members,
      signals: options.members.signals,
      book: () => held,
      isPublicModel: options.isPublicModel,
      growth: (model) => options.growth(db, model, now),
      version: options.version,
      optimizers: options.optimizers,
      home: options.home,
      platform: process.platform,
      current: currentOf(db, options.client(), now),
      tells: tellsOf(db),
      setTags: options.setTags,
    };
  }

  /** The answer with when and of what it is. @throws ToolError, InvalidArguments */
  function answer(tool: ToolModule, args: unknown): Record<string, unknown> | Promise<Record<string, unknown>> {
    const input = (tool.input ?? z.object({})).safeParse(args);
    if (!input.success) throw new InvalidArguments(faultsOf(input.error));
    const known = deps();
    if (known === undefined) throw nothingYet;
    const lastReadAt = ingestTotals(known.db).lastReadAt;
    const told = (result: Readonly<Record<string, unknown>>): Record<string, unknown> =>
      bounded({
        ...result,
        as_of: lastReadAt === null ? null : new Date(lastReadAt).toISOString(),
        ...(known.current === undefined ? {} : { stale: known.current.stale, matched: known.current.matched }),
      });
    const result = tool.handle(known, input.data);
    return result instanceof Promise ? result.then(told) : told(result);
  }

  async function call(tool: ToolModule, args: unknown): Promise<CallToolResult> {
    try {
      await options.ready();
      const structuredContent = await answer(tool, args);
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    } catch (error) {
      if (error instanceof InvalidArguments) throw error;
      if (!(error instanceof ToolError)) options.onFault(error);
      const { message, code } = error instanceof ToolError ? error : unusable;
      return failedResult(message, code);
    }
  }

  function part(name: string, args: unknown): unknown {
    const tool = options.tools.get(name.replaceAll('_', '-'));
    if (tool === undefined) throw new Error(`a resource asks for ${name}, which is no tool`);
    try {
      return answer(tool, args);
    } catch (error) {
      if (error instanceof ToolError) return { error: error.message, code: error.code };
      throw error;
    }
  }

  return {
    subscriptions,
    deps,
    tools: () => list,
    call: (name, args) => {
      const tool = tools.get(name);
      return tool === undefined ? undefined : call(tool, args);
    },
    read: async (uri) => {
      const calls = callsOf(uri);
      if (calls === undefined) return undefined;
      await options.ready();
      const parts = Object.entries(calls).map(([key, { tool, args }]) => [key, part(tool, args)] as const);
      const [only] = parts;
      return JSON.stringify(parts.length === 1 && only !== undefined ? only[1] : Object.fromEntries(parts));
    },
    subscribe: (uri) => void subscriptions.add(uri),
    unsubscribe: (uri) => void subscriptions.delete(uri),
  };
}

function listed(name: string, tool: ToolModule): Tool {
  const output = jsonSchema(tool.output);
  return {
    name,
    description: tool.description,
    inputSchema: jsonSchema(tool.input),
    outputSchema: output,
    annotations:
      tool.writes === true
        ? { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false }
        : { readOnlyHint: true },
  };
}

/** Which arguments and why; never their values, which may be anything. */
function faultsOf(error: z.ZodError): string {
  const faults = error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`);
  return `Invalid arguments: ${faults.join('; ')}`.slice(0, 500);
}
