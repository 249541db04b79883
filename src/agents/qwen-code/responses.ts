import type { ToolCall } from '../../events.ts';
import { isWeakId, timeOf } from '../../readers/values.ts';
import { type Context, keepLast, keyOfRecord, mostAnswers, mostResponses, type Notes, type Response } from './notes.ts';
import { type Row, rankOf, type UiEvent } from './plan.ts';
import { answerPrompts } from './prompts.ts';
import { childSession } from './session.ts';
import { callsOf } from './tools.ts';
import { countsOf } from './usage.ts';

/**
 * A call of the main conversation is told of twice, by this event and by the assistant record that follows: whichever
 * comes second is known for the other by its counts. Calls of subagents and in the background have the event alone,
 * those of older versions the record.
 */
export function takeResponse(event: UiEvent, row: Row, context: Context): void {
  const notes = context.state;
  const agent = event.subagent_id ?? event.subagent_name;
  const session = agent === undefined ? notes.session : childSession(agent, row, context, event);
  const counts = countsOf(
    {
      prompt: event.input_token_count,
      output: event.output_token_count,
      reasoning: event.thoughts_token_count,
      cached: event.cached_content_token_count,
      total: event.total_token_count,
    },
    context,
  );
  const response: Response = {
    ...counts,
    ...placeOf(row, session, agent !== undefined),
    at: timeOf(event['event.timestamp']) ?? timeOf(row.timestamp),
    key: keyOfResponse(event, row, context),
    model: event.model || 'unknown',
    id: event.response_id,
    isAnswered: false,
  };
  const told = notes.answers.findIndex((answer) => isSameCall(answer, response));
  if (told >= 0) return void notes.answers.splice(told, 1);
  keepLast(notes.responses, response, mostResponses);
  emitTurn(response, [], context);
}

/** The response's id names it; a weak one does so within its prompt, and a number not even there. */
function keyOfResponse(event: UiEvent, row: Row, context: Context): string {
  const id = event.response_id;
  if (id === undefined || (isWeakId(id) && /\d$/.test(id))) return keyOfRecord(row, context);
  return isWeakId(id) ? JSON.stringify([event.prompt_id ?? context.state.session, id]) : id;
}

export function takeAssistant(row: Row, context: Context): void {
  const notes = context.state;
  const isChild = row.isSidechain === true;
  const session = isChild && row.agentId !== undefined ? childSession(row.agentId, row, context) : notes.session;
  const answer = answerOf(row, session, isChild, context);
  const response = answer === undefined ? undefined : responseOf(answer, notes);
  const calls = callsOf(row, response?.key ?? answer?.key, response?.id, context);
  if (answer === undefined) {
    for (const call of calls)
      context.emit({
        kind: 'tool',
        session,
        call,
        model: row.model,
        branch: row.gitBranch || undefined,
        sidechain: isChild,
      });
    return;
  }
  if (response === undefined) {
    keepLast(notes.answers, answer, mostAnswers);
    emitTurn(answer, calls, context);
  } else {
    response.isAnswered = true;
    // An event tells zeros where the server told nothing.
    const isWorse = isBlank(response) || (response.suspect && !answer.suspect);
    const { usage, prompt, suspect } = isWorse ? answer : response;
    if (calls.length > 0 || isWorse) emitTurn({ ...response, usage, prompt, suspect }, calls, context);
  }
}

/** Undefined: the record tells no counts. */
function answerOf(row: Row, session: string, isChild: boolean, context: Context): Response | undefined {
  const told = row.usageMetadata;
  if (told === undefined) return undefined;
  const counts = countsOf(
    {
      prompt: told.promptTokenCount,
      output: told.candidatesTokenCount,
      reasoning: told.thoughtsTokenCount,
      cached: told.cachedContentTokenCount,
      total: told.totalTokenCount,
    },
    context,
  );
  return {
    ...counts,
    ...placeOf(row, session, isChild),
    at: timeOf(row.timestamp),
    key: keyOfRecord(row, context),
    model: row.model || 'unknown',
    id: undefined,
    isAnswered: true,
  };
}

/** The response an assistant record answers with: that of the same counts, else the first that none has answered with yet. */
function responseOf(answer: Response, notes: Notes): Response | undefined {
  const some = notes.responses.filter((response) => response.sidechain === answer.sidechain);
  return some.findLast((response) => isSameCall(response, answer)) ?? some.find((response) => !response.isAnswered);
}

function isSameCall(a: Response, b: Response): boolean {
  return (
    a.model === b.model &&
    a.sidechain === b.sidechain &&
    a.prompt === b.prompt &&
    a.usage.outputTokens === b.usage.outputTokens &&
    a.usage.cacheReadInputTokens === b.usage.cacheReadInputTokens
  );
}

function isBlank(response: Response): boolean {
  return response.prompt + response.usage.outputTokens === 0 && !response.suspect;
}

function emitTurn(response: Response, tools: readonly ToolCall[], context: Context): void {
  if (isBlank(response)) return;
  const { id: _, isAnswered: __, prompt, ...turn } = response;
  if (!turn.sidechain) answerPrompts(turn.model, context);
  context.emitTurn({
    kind: 'turn',
    ...turn,
    fast: false,
    webSearchRequests: 0,
    promptTokens: prompt,
    contextTokens: prompt + turn.usage.outputTokens,
    quality: 'measured',
    copies: 'largest',
    tools,
  });
}

function placeOf(row: Row, session: string, sidechain: boolean) {
  return { session, sidechain, rank: rankOf(row), branch: row.gitBranch || undefined };
}
