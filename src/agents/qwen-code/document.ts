import { fields, list, type Picked, sized } from '../../readers/fields.ts';
import type { RecordContext } from '../../readers/json-lines.ts';
import { countOf, timeOf } from '../../readers/values.ts';
import { elements, wholeJson } from '../../readers/whole-json.ts';
import { keepLast, mostAnswers } from './notes.ts';
import { argumentFields } from './plan.ts';
import { nameOf } from './tools.ts';
import { countsOf } from './usage.ts';

const messagePlan = fields({
  id: 'text',
  timestamp: 'text',
  type: 'text',
  model: 'text',
  content: list({ text: sized({}), functionResponse: sized({}) }),
  tokens: { input: 'number', output: 'number', cached: 'number', thoughts: 'number', tool: 'number', total: 'number' },
  toolCalls: list({
    id: 'text',
    name: 'text',
    status: 'text',
    timestamp: 'text',
    args: sized(argumentFields),
    result: sized({}),
  }),
});

type Message = Picked<typeof messagePlan>;

interface DocumentNotes {
  session: string;
  /** What nothing has answered yet. */
  prompts: { key: string; at: number | undefined }[];
}

type DocumentContext = RecordContext<DocumentNotes>;

/** Reads the document of a session, as versions of 2025 wrote it. */
export const readDocument = wholeJson({
  plan: fields({ sessionId: 'text', startTime: 'text' }),
  start: (file): DocumentNotes => ({
    session: (file.relativePath.split('/').at(-1) ?? '').replace(/\.json$/, ''),
    prompts: [],
  }),
  parse(document, context) {
    if (!document.sessionId) return;
    context.state.session = document.sessionId;
    context.emit({
      kind: 'session',
      session: document.sessionId,
      projectHint: context.file.relativePath.split('/')[0], // the hash of its path
      rank: 'own',
      at: timeOf(document.startTime),
    });
  },
  lists: [elements('messages', messagePlan, takeMessage)],
});

function takeMessage(message: Message, context: DocumentContext): void {
  switch (message.type) {
    case 'qwen':
    case 'gemini':
      return takeReply(message, context);
    case 'user':
      return takeQuestion(message, context);
    case 'info':
    case 'warning':
    case 'error':
      return;
    default:
      return context.unknownType();
  }
}

/** What comes back from tools is written as the user's too. */
function takeQuestion({ id, timestamp, content }: Message, context: DocumentContext): void {
  const texts = content?.isText === true ? [content] : (content?.items.map((part) => part.text) ?? []);
  const isAnswer = content?.items.some((part) => part.functionResponse) === true;
  const emptyText = 2; // its quotes
  if (id === undefined || isAnswer || !texts.some((text) => text !== undefined && text.sizeBytes > emptyText)) return;
  const { session, prompts } = context.state;
  const prompt = { key: `${session}\0${id}`, at: timeOf(timestamp) };
  context.emit({ kind: 'prompt', session, rank: 'own', ...prompt });
  keepLast(prompts, prompt, mostAnswers);
}

function takeReply(message: Message, context: DocumentContext): void {
  const { id, tokens } = message;
  if (id === undefined || tokens === undefined) return;
  const { session, prompts } = context.state;
  const key = `${session}\0${id}`;
  const at = timeOf(message.timestamp);
  const model = message.model || 'unknown';
  const { usage, prompt, suspect } = countsOf(
    {
      prompt: tokens.tool === undefined ? tokens.input : countOf(tokens.input, context) + countOf(tokens.tool, context),
      output: tokens.output,
      reasoning: tokens.thoughts,
      cached: tokens.cached,
      total: tokens.total,
    },
    context,
  );
  context.emitTurn({
    kind: 'turn',
    key,
    session,
    at,
    model,
    usage,
    fast: false,
    webSearchRequests: 0,
    promptTokens: prompt,
    contextTokens: prompt + usage.outputTokens,
    sidechain: false,
    rank: 'own',
    suspect,
    quality: 'measured',
    copies: 'prompt',
    tools: (message.toolCalls?.items ?? []).map((call, index) => ({
      ...nameOf(call.name),
      key: call.id ?? `${key}:${index}`,
      at,
      target: call.args?.fields?.skill ?? call.args?.fields?.subagent_type,
      inputSizeBytes: call.args?.sizeBytes ?? 0,
      inputDigest: call.args === undefined ? undefined : context.digest(call.args),
      result: ['success', 'error', 'cancelled'].includes(call.status ?? '')
        ? { at: timeOf(call.timestamp), isError: call.status === 'error', outputSizeBytes: call.result?.sizeBytes ?? 0 }
        : undefined,
    })),
  });
  for (const waiting of prompts.splice(0)) context.emit({ kind: 'prompt', session, model, rank: 'own', ...waiting });
}
