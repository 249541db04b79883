import { type HookEffect, hookEffect } from '../metrics/hook-effect.ts';
import { estimateTokens } from '../metrics/size-tokens.ts';
import type { Database } from '../store/driver.ts';
import { storedProviders } from '../store/providers.ts';
import {
  type CallRow,
  callDigests,
  type EventRow,
  sessionCalls,
  sessionEvents,
  sessionTasks,
  type TaskRow,
} from '../store/queries/interactions.ts';
import type { SessionHead } from '../store/queries/session-head.ts';
import { capabilitiesOf, providerOf } from './capabilities.ts';
import type { InteractionsJson, TasksJson } from './shape.ts';

type Interaction = InteractionsJson['events'][number];
type Task = TasksJson['tasks'][number];

/** Interactions looked at to say what ran within tasks. */
const mostConsidered = 10_000;

/** The newest `limit` of everything that happened in a session beside its tokens, oldest first. Subagents' sessions are their own. */
export function buildInteractions(db: Database, head: SessionHead, limit: number): InteractionsJson {
  const events = interactionsOf(db, head, limit);
  const effects = (effect: HookEffect): number => events.filter((event) => event.hook_effect === effect).length;
  return {
    session_id: head.id,
    provider: providerOf(head),
    capabilities: capabilitiesOf(db, head.provider),
    hook_effect_summary: {
      modified: effects('modified'),
      blocked: effects('blocked'),
      pass_through: effects('pass_through'),
      observed: effects('observed'),
    },
    count: events.length,
    events,
  };
}

/** The newest `limit` subagents a session started, oldest first, each with what ran within it. */
export function buildTasks(db: Database, head: SessionHead, limit: number): TasksJson {
  const rows = sessionTasks(db, head.rowId, limit);
  const own = rows.length === 0 ? [] : interactionsOf(db, head, mostConsidered);
  const tasks = rows
    .map((row) => taskOf(row, own, row.childRowId === null ? [] : childInteractions(db, head, row.childRowId)))
    .sort((a, b) => a.started_at - b.started_at);
  return {
    session_id: head.id,
    provider: providerOf(head),
    capabilities: capabilitiesOf(db, head.provider),
    count: tasks.length,
    tasks,
  };
}

function childInteractions(db: Database, head: SessionHead, childRowId: number): readonly Interaction[] {
  return interactionsOf(db, { ...head, rowId: childRowId }, mostConsidered);
}

function interactionsOf(db: Database, head: SessionHead, limit: number): readonly Interaction[] {
  const calls = sessionCalls(db, head.rowId, limit);
  const events = sessionEvents(db, head.rowId, limit);
  const tasks = new Map(sessionTasks(db, head.rowId, mostConsidered).map((task) => [task.callId, task]));
  const effects = hookEffects(db, head, events);
  const all = [
    ...calls.map((call) => callInteraction(call, tasks, head.provider)),
    ...events.map((event) => eventInteraction(event, tasks, effects.get(event.key) ?? null, head.provider)),
  ];
  const newest = all
    .sort((a, b) => b.timestamp - a.timestamp)
    .slice(0, limit)
    .reverse();
  return tellsTokens(db, head.provider)
    ? newest
    : newest.map((each) => ({ ...each, tokens: tokensOf(each.tokens.total, null, null) }));
}

/** Of a provider that says that no tokens of single calls can be known, none are claimed. */
function tellsTokens(db: Database, provider: string): boolean {
  const known = storedProviders(db).find((each) => each.id === provider);
  return known?.capabilities.interaction_tokens.level !== 'unsupported';
}

// ---- one of them ----------------------------------------------------------------------------------------------------

const noSizes: Interaction['sizes'] = { input_chars: 0, output_chars: 0, prompt_chars: 0, summary_chars: 0 };

function callInteraction(call: CallRow, tasks: ReadonlyMap<number, TaskRow>, provider: string): Interaction {
  const task = tasks.get(call.callId);
  const kind = call.type === 'subagent' ? 'task' : call.type === 'server_tool' ? 'tool' : call.type;
  const name = call.name ?? kind;
  return {
    id: callName(call.callId),
    timestamp: call.at,
    turn_id: call.turn,
    task_run_id: taskOfCall(call, tasks),
    correlation_id: callName(call.callId),
    parent_id: nameOrNull(call.parentId),
    kind,
    phase: kind === 'skill' ? 'invoked' : call.isError === null ? 'start' : 'single',
    name,
    display_name: call.server === null ? call.target : `${call.server}.${name}`,
    provider,
    status: task?.status ?? null,
    success: call.isError === null ? null : call.isError === 0,
    hook_type: null,
    agent_type: task?.agentType ?? null,
    execution_mode: task?.executionMode ?? null,
    model: task?.actualModel ?? call.model,
    mcp: { server: call.server, tool: call.server === null ? null : call.name },
    sizes: {
      ...noSizes,
      input_chars: call.inputSize,
      output_chars: call.outputSize ?? 0,
      ...(kind === 'task' ? { prompt_chars: call.inputSize, summary_chars: call.outputSize ?? 0 } : {}),
    },
    tokens: tokensOf(task === undefined ? null : taskTotal(task), call.inputSize, call.outputSize),
    duration_ms: task?.durationMs ?? call.durationMs,
    tool_calls: task?.toolCalls ?? null,
    hook_effect: null,
  };
}

function eventInteraction(
  event: EventRow,
  tasks: ReadonlyMap<number, TaskRow>,
  effect: HookEffect | null,
  provider: string,
): Interaction {
  return {
    id: `e${event.key}`,
    timestamp: event.at,
    turn_id: null,
    task_run_id: taskAround(event, tasks),
    correlation_id: nameOrNull(event.correlationId),
    parent_id: nameOrNull(event.parentId),
    kind: publicKind(event.kind),
    phase: event.phase as Interaction['phase'], // an ActivityEvent's
    name: event.name ?? event.kind,
    display_name: null,
    provider,
    status: event.status,
    success: event.success === null ? null : event.success === 1,
    hook_type: event.hookType,
    agent_type: event.agentType,
    execution_mode: event.executionMode,
    model: event.model,
    mcp: { server: null, tool: null },
    sizes: { ...noSizes, input_chars: event.inputSize ?? 0, output_chars: event.outputSize ?? 0 },
    tokens: tokensOf(event.totalTokens, event.inputSize, event.outputSize),
    duration_ms: event.durationMs,
    tool_calls: event.toolCalls,
    hook_effect: effect,
  };
}

/** Retried requests, pull requests and the like came to the list of kinds too late to be ones of their own. */
function publicKind(kind: string): Interaction['kind'] {
  switch (kind) {
    case 'hook':
    case 'skill':
    case 'subagent':
    case 'plan':
    case 'mode_change':
    case 'model_change':
    case 'compaction':
      return kind;
    case 'microcompaction':
      return 'compaction';
    default:
      return 'notification';
  }
}

function tokensOf(total: number | null, inputSize: number | null, outputSize: number | null): Interaction['tokens'] {
  const estimatedInput = estimateTokens(inputSize ?? 0);
  const estimatedOutput = estimateTokens(outputSize ?? 0);
  return {
    total,
    estimated_input: estimatedInput,
    estimated_output: estimatedOutput,
    attributed_total: total ?? estimatedInput + estimatedOutput,
    confidence: total !== null ? 'exact' : inputSize === null && outputSize === null ? 'unsupported' : 'estimated',
  };
}

/** What the log says a subagent used; else what the turns of its own log add up to. */
function taskTotal(task: TaskRow): number | null {
  return task.totalTokens ?? task.childTokens;
}

function taskOfCall(call: CallRow, tasks: ReadonlyMap<number, TaskRow>): string | null {
  return tasks.has(call.callId) ? callName(call.callId) : taskAround(call, tasks);
}

function taskAround(
  { parentId }: { readonly parentId: number | null },
  tasks: ReadonlyMap<number, TaskRow>,
): string | null {
  return parentId !== null && tasks.has(parentId) ? callName(parentId) : null;
}

function callName(callId: number): string {
  return `c${callId.toString(36)}`;
}

function nameOrNull(callId: number | null): string | null {
  return callId === null ? null : callName(callId);
}

// ---- hooks ----------------------------------------------------------------------------------------------------------

/** Effects by the key of the event that stands for the hook: its start, or its end where there is no start. */
function hookEffects(db: Database, head: SessionHead, events: readonly EventRow[]): ReadonlyMap<string, HookEffect> {
  const hooks = events.filter((event) => event.kind === 'hook');
  if (hooks.length === 0) return new Map();
  // A call may have hooks before and after it, all of one correlation.
  const actOf = (hook: EventRow): string => `${hook.correlationId} ${hook.hookType}`;
  const correlated = hooks.filter((hook) => hook.correlationId !== null);
  const started = new Set(correlated.filter((hook) => hook.phase === 'start').map(actOf));
  const ends = new Map(correlated.filter((hook) => hook.phase !== 'start').map((hook) => [actOf(hook), hook]));
  const digests = callDigests(db, head.rowId, [...new Set(correlated.map((hook) => hook.correlationId ?? 0))]);
  const effects = new Map<string, HookEffect>();
  for (const hook of hooks) {
    const { correlationId: act } = hook;
    if (hook.phase !== 'start' && started.has(actOf(hook))) continue;
    const end = ends.get(actOf(hook));
    const success = end?.success ?? hook.success;
    effects.set(
      hook.key,
      hookEffect(
        {
          inputDigest: hook.inputDigest,
          success: success === null ? null : success === 1,
          status: end?.status ?? hook.status,
          hookType: hook.hookType,
          hasParent: hook.parentId !== null,
        },
        act === null ? undefined : digests.get(act),
        act !== null,
      ),
    );
  }
  return effects;
}

// ---- tasks ----------------------------------------------------------------------------------------------------------

function taskOf(task: TaskRow, own: readonly Interaction[], child: readonly Interaction[]): Task {
  const id = callName(task.callId);
  const within = [...own.filter((event) => event.parent_id === id), ...child];
  const total = taskTotal(task);
  return {
    id,
    correlation_id: id,
    name: task.name ?? 'task',
    display_name: task.agentType ?? task.target,
    agent_type: task.agentType ?? 'unknown',
    execution_mode: task.executionMode ?? 'unknown',
    requested_model: task.requestedModel,
    actual_model: task.actualModel,
    started_at: task.at,
    completed_at: task.completedAt,
    duration_ms: task.durationMs,
    success: task.isError === null ? null : task.isError === 0,
    tokens: { total, confidence: total === null ? 'unsupported' : 'exact' },
    tool_calls: task.toolCalls,
    payload_sizes: { description_chars: 0, prompt_chars: task.inputSize, summary_chars: task.outputSize ?? 0 },
    interaction_summary: summaryOf(within),
  };
}

function summaryOf(events: readonly Interaction[]): Task['interaction_summary'] {
  const kinds = new Map<string, number>();
  for (const { kind } of events) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const names = (of: readonly Interaction[]): readonly string[] =>
    [...new Set(of.map((event) => (event.kind === 'mcp' ? (event.display_name ?? event.name) : event.name)))].sort();
  return {
    count: events.length,
    by_kind: Object.fromEntries([...kinds].sort(([a], [b]) => (a < b ? -1 : 1))),
    tools_used: names(events.filter(({ kind }) => kind === 'tool' || kind === 'task' || kind === 'skill')),
    mcp_tools_used: names(events.filter(({ kind }) => kind === 'mcp')),
  };
}
