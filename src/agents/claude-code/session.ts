import type { LogReader } from '../../provider.ts';
import { jsonLines } from '../../readers/json-lines.ts';
import { timeOf } from '../../readers/values.ts';
import { chainOf, inlineChild } from './chains.ts';
import { takeAttachment, takeSystem } from './happenings.ts';
import { takeApiError } from './limits.ts';
import { type Context, childSession, rememberUser, restoreNotes, rowKeyOf, startNotes } from './notes.ts';
import { plan, type Row } from './plan.ts';
import { takeProgress } from './progress.ts';
import { answerPrompts, takePrompt } from './prompts.ts';
import { takeMessage } from './responses.ts';
import { silentTypes } from './silent.ts';
import { takeToolResult } from './tools.ts';
import { takeUsualRows } from './usual-rows.ts';

/** How each row is read: the reference for the usual ones. */
export const rowByRow = { plan, start: startNotes, restore: restoreNotes, parse };

/** Reads the log of a session, or of a subagent. */
export const readSession: LogReader = jsonLines({ ...rowByRow, rows: takeUsualRows });

function parse(row: Row, context: Context): void {
  learnSession(row, context);
  switch (row.type) {
    case 'assistant':
      return takeAssistant(row, context);
    case 'user':
      return takeUser(row, context);
    case 'progress':
      return takeProgress(row, context);
    case 'system':
      return takeSystem(row, context);
    case 'attachment':
      return takeAttachment(row, context);
    case 'pr-link':
      return context.emit({
        kind: 'activity',
        // It has no id of its own; its copies in a fork keep time and number.
        key:
          row.timestamp === undefined
            ? `${context.file.scope}:${context.offset}`
            : `pr:${row.timestamp}:${row.prNumber}`,
        session: context.state.session,
        at: timeOf(row.timestamp),
        type: 'pr',
        phase: 'emitted',
        name: 'pull_request',
        count: row.prNumber,
      });
    default:
      if (row.type === undefined || !silentTypes.has(row.type)) context.unknownType();
  }
}

/** Says who the session is when that is new: at the first row, and when folder, branch or version change. */
function learnSession(row: Row, context: Context): void {
  const notes = context.state;
  if (notes.agentId !== undefined && notes.parent === undefined && row.sessionId !== undefined && !notes.hasFacts) {
    // Flat layout: the row names the parent.
    notes.parent = row.sessionId;
    notes.session = childSession(row.sessionId, notes.agentId);
  }
  const branch = row.gitBranch || undefined;
  const billed = row.type === 'assistant' || row.type === 'user';
  if (!billed && row.cwd === undefined) return; // a file of titles and snapshots alone is no session
  const news =
    !notes.hasFacts ||
    (row.cwd !== undefined && !notes.hasCwd) ||
    (branch !== undefined && branch !== notes.branch) ||
    (row.version !== undefined && row.version !== notes.version);
  if (!news) return;
  context.emit({
    kind: 'session',
    session: notes.session,
    parent: notes.parent,
    cwd: notes.hasCwd ? undefined : row.cwd,
    projectHint: notes.hasFacts || row.cwd !== undefined ? undefined : notes.projectHint,
    branch,
    version: row.version,
    agentType: notes.agentId?.startsWith('acompact') ? 'compact' : row.attributionAgent,
    rank: 'own',
    at: timeOf(row.timestamp),
  });
  notes.hasFacts = true;
  notes.hasCwd ||= row.cwd !== undefined;
  notes.branch = branch ?? notes.branch;
  notes.version = row.version ?? notes.version;
}

function takeAssistant(row: Row, context: Context): void {
  const { message } = row;
  if (message === undefined) return;
  if (row.isApiErrorMessage === true) return takeApiError(row, message, context);
  const notes = context.state;
  const sidechain = row.isSidechain === true || notes.agentId !== undefined;
  const inlineAgent = notes.agentId === undefined && row.isSidechain === true ? row.agentId : undefined;
  const session = inlineAgent === undefined ? notes.session : inlineChild(inlineAgent, row, context);
  const turn = takeMessage(message, context, {
    session,
    sidechain,
    rank: 'own',
    at: timeOf(row.timestamp),
    requestId: row.requestId,
    uuid: row.uuid,
    chain: chainOf(row, notes),
    branch: row.gitBranch || undefined,
    costUsd: row.costUSD,
  });
  if (turn !== undefined && !sidechain) answerPrompts(turn.model, context);
}

function takeUser(row: Row, context: Context): void {
  const notes = context.state;
  if (row.uuid !== undefined) rememberUser(notes, chainOf(row, notes), row.uuid);
  const blocks = row.message?.content?.items ?? [];
  let results = 0;
  for (const block of blocks) if (block.type === 'tool_result') results++;
  for (const block of blocks) if (block.type === 'tool_result') takeToolResult(block, row, results === 1, context);
  const speaks = row.message?.content?.isText === true || blocks.length > results;
  const mainChain = row.isSidechain !== true && notes.agentId === undefined;
  if (!speaks || !mainChain || row.isMeta === true || row.isCompactSummary === true) return;
  takePrompt(rowKeyOf(row, context), timeOf(row.timestamp), row.gitBranch || undefined, context);
}
