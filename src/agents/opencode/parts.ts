import type { TokenUsage, ToolCall, ToolResult } from '../../events.ts';
import { knownCount } from '../../readers/values.ts';
import { type Context, isCopy, isNothing, type Message, silently, type Tokens, turnOf, usageOf } from './messages.ts';

export interface Part {
  readonly id: string;
  readonly type: unknown;
  /** OpenCode wrote it in the user's name. */
  readonly isSynthetic: boolean;
  readonly tokens: Tokens;
  readonly tool: string | undefined;
  readonly status: string | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly inputSize: number | undefined;
  readonly inputDigest: string | undefined;
  readonly outputSize: number | undefined;
  readonly agentType: string | undefined;
  readonly skill: string | undefined;
  readonly child: string | undefined;
  readonly childModel: string | undefined;
  readonly retriedAt: number | undefined;
  readonly httpStatus: number | undefined;
}

/** A message with what its parts told so far. */
export interface Group {
  readonly message: Message;
  readonly promptModel: string | undefined;
  readonly steps: TokenUsage[];
  readonly tools: ToolCall[];
  suspect: boolean;
  /** The user said something in it, or it is there to have the conversation summed up. */
  isSpoken: boolean;
  isCompaction: boolean;
}

export function emptyGroup(message: Message, promptModel: string | undefined): Group {
  return { message, promptModel, steps: [], tools: [], suspect: false, isSpoken: false, isCompaction: false };
}

/** Hold nothing that is taken here. What is in neither list is counted as unknown. */
const silentParts = new Set(['reasoning', 'step-start', 'snapshot', 'patch']);

export function takePart(part: Part, group: Group, context: Context): void {
  const { message } = group;
  if (isCopy(message)) return;
  switch (part.type) {
    case 'step-finish': {
      const before = context.badCounts;
      const usage = usageOf(part.tokens, context);
      group.suspect ||= context.badCounts > before;
      if (!isNothing(usage)) group.steps.push(usage);
      return;
    }
    case 'tool':
      return void group.tools.push(callOf(part));
    case 'text':
    case 'file':
    case 'agent':
    case 'subtask':
      if (!part.isSynthetic) group.isSpoken = true;
      return;
    case 'compaction':
      group.isCompaction = true;
      return;
    case 'retry':
      return context.emit({
        kind: 'activity',
        key: part.id,
        session: message.session,
        at: part.retriedAt,
        type: 'retry',
        phase: 'single',
        name: 'api_error',
        status: part.httpStatus?.toString(),
        success: false,
      });
    default:
      if (typeof part.type !== 'string' || !silentParts.has(part.type)) context.unknownType();
  }
}

function callOf(part: Part): ToolCall {
  const name = part.tool ?? 'unknown';
  const type = name === 'task' ? 'subagent' : name === 'skill' ? 'skill' : 'tool';
  return {
    key: part.id,
    at: part.startedAt,
    name,
    type,
    target: { subagent: part.agentType, skill: part.skill, tool: undefined }[type],
    inputSizeBytes: knownCount(part.inputSize) ?? 0,
    inputDigest: part.inputDigest,
    result: resultOf(part, type === 'subagent'),
  };
}

/** What came back; undefined while the tool is at work. */
function resultOf(part: Part, isTask: boolean): ToolResult | undefined {
  if (part.status !== 'completed' && part.status !== 'error') return undefined;
  return {
    at: part.endedAt,
    isError: part.status === 'error',
    outputSizeBytes: knownCount(part.outputSize) ?? 0,
    ...(isTask
      ? {
          childSession: part.child,
          childAgentType: part.agentType,
          resolvedModel: part.childModel,
          status: part.status,
        }
      : {}),
  };
}

/** What a message and all its parts tell of a response, or of what the user said. */
export function takeGroup(group: Group, context: Context): void {
  const { message, tools, suspect } = group;
  if (isCopy(message)) return;
  if (message.role === 'user') return takePrompt(group, context);
  const own = usageOf(message, silently);
  const steps = group.steps.length > 0 ? group.steps : isNothing(own) ? [] : [own];
  if (steps.length > 0) return context.emit(turnOf(message, { steps, tools, suspect }));
  // A response whose tokens nobody told is no turn. Before its end they may yet come.
  if (message.completedAt === undefined && !message.hasError) return;
  for (const call of tools)
    context.emit({ kind: 'tool', session: message.session, call, model: message.model, sidechain: message.isChild });
}

/** A message of the user's own: not one that another conversation or OpenCode wrote in the user's name. */
function takePrompt({ message, promptModel, isSpoken, isCompaction }: Group, context: Context): void {
  if (!isSpoken || isCompaction || message.isChild) return;
  context.emit({
    kind: 'prompt',
    key: message.id,
    session: message.session,
    at: message.createdAt,
    model: promptModel,
    rank: 'own',
  });
}
