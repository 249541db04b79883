import { jsonLines } from '../../readers/json-lines.ts';
import type { Context, Notes } from './notes.ts';
import { plan, type Row } from './plan.ts';
import { takePrompt } from './prompts.ts';
import { takeAssistant } from './responses.ts';
import { learnSession } from './session.ts';
import { takeSystem } from './system.ts';
import { takeToolResult } from './tools.ts';

/** Reads a chat log: a record a line. */
export const readChat = jsonLines({
  plan,
  start: (file): Notes => {
    const parts = file.relativePath.split('/');
    return {
      session: (parts.at(-1) ?? '').replace(/\.jsonl$/, ''),
      projectHint: parts.length > 1 ? parts[0] : undefined,
      facts: undefined,
      model: undefined,
      mode: undefined,
      prompts: [],
      responses: [],
      answers: [],
      calls: [],
    };
  },
  restore: (kept) => {
    const notes = kept as Notes | null; // our own JSON, from our own table
    return typeof notes?.session === 'string' && Array.isArray(notes.responses) ? notes : undefined;
  },
  parse,
});

function parse(row: Row, context: Context): void {
  learnSession(row, context);
  switch (row.type) {
    case 'user':
      return takePrompt(row, context);
    case 'assistant':
      return takeAssistant(row, context);
    case 'tool_result':
      return takeToolResult(row, context);
    case 'system':
      return takeSystem(row, context);
    default:
      return context.unknownType();
  }
}
