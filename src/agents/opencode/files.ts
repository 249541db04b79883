import { basename } from 'node:path';
import type { LogFile } from '../../provider.ts';
import { type DocumentBeside, documentBeside } from '../../readers/document-beside.ts';
import { fields, type Picked, sized } from '../../readers/fields.ts';
import { wholeJson } from '../../readers/whole-json.ts';
import { type Message, msOf, takeMessage } from './messages.ts';
import { emptyGroup, type Part, takeGroup, takePart } from './parts.ts';

/** One message. Ids are those of the path: files were moved without being rewritten. */
const messagePlan = fields({
  role: 'text',
  modelID: 'text',
  providerID: 'text',
  agent: 'text',
  mode: 'text',
  time: { created: 'number', completed: 'number' },
  cost: 'number',
  tokens: { input: 'number', output: 'number', reasoning: 'number', cache: { read: 'number', write: 'number' } },
  summary: 'flag',
  error: { name: 'text' },
  path: { cwd: 'text' },
  model: { modelID: 'text' },
});

const partPlan = fields({
  type: 'text',
  synthetic: 'flag',
  tokens: { input: 'number', output: 'number', reasoning: 'number', cache: { read: 'number', write: 'number' } },
  tool: 'text',
  state: {
    status: 'text',
    time: { start: 'number', end: 'number' },
    input: sized({ subagent_type: 'text', name: 'text' }),
    output: sized({}),
    error: sized({}),
    metadata: { sessionId: 'text', model: { modelID: 'text' } },
  },
  time: { created: 'number' },
  error: { data: { statusCode: 'number' } },
});

const sessionPlan = fields({ parentID: 'text', directory: 'text', version: 'text' });

const partAt = documentBeside(partPlan);

const sessionAt = documentBeside(sessionPlan);

/** Reads the file of a message, and those of its parts beside it. */
export const readMessageFile = wholeJson({
  plan: messagePlan,
  start: () => undefined,
  lists: [],
  parse(document, context) {
    const { file } = context;
    const message = messageOfFile(document, file);
    if (message.role !== 'assistant' && message.role !== 'user') return context.unknownType();
    const group = emptyGroup(message, document.model?.modelID);
    for (const path of partsOf(message.id, file)) {
      const part = partAt(file, path);
      if (part === undefined) context.invalid();
      else takePart(partOfFile(basename(path, '.json'), part), group, context);
    }
    if (message.role === 'assistant')
      context.emit({
        kind: 'session',
        session: message.session,
        cwd: document.path?.cwd,
        agentType: message.isChild ? (document.agent ?? document.mode) : undefined,
        rank: 'progress',
      });
    takeMessage(message, context);
    takeGroup(group, context);
  },
});

function partsOf(message: string, file: LogFile): readonly string[] {
  const folder = partsFolder(message);
  const names = file.namesBeside(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => `${folder}/${name}`);
}

/** As seen from the messages. */
export function partsFolder(message: string): string {
  return `../part/${message}`;
}

function messageOfFile(document: Picked<typeof messagePlan>, file: LogFile): Message {
  const [session = '', name = ''] = file.relativePath.split('/');
  return {
    id: name.replace(/\.json$/, ''),
    session,
    isChild: isChildSession(session, file),
    role: document.role ?? (document.modelID === undefined ? undefined : 'assistant'), // not told by the first versions
    model: document.modelID,
    vendor: document.providerID,
    createdAt: msOf(document.time?.created),
    completedAt: msOf(document.time?.completed),
    hasError: document.error !== undefined,
    costUsd: document.cost,
    isSummary: document.summary === true,
    input: document.tokens?.input,
    output: document.tokens?.output,
    reasoning: document.tokens?.reasoning,
    cacheRead: document.tokens?.cache?.read,
    cacheWrite: document.tokens?.cache?.write,
  };
}

/** Did another conversation start it? Its own file says so, in the folder of its project. */
function isChildSession(session: string, file: LogFile): boolean {
  for (const project of file.namesBeside('../session')) {
    const found = sessionAt(file, `../session/${project}/${session}.json`);
    if (found !== undefined) return found.fields.parentID !== undefined;
  }
  return false;
}

function partOfFile(id: string, { fields: part, digest }: DocumentBeside<typeof partPlan.shape>): Part {
  const { tokens, state } = part;
  return {
    id,
    type: part.type,
    isSynthetic: part.synthetic === true,
    tokens: {
      input: tokens?.input,
      output: tokens?.output,
      reasoning: tokens?.reasoning,
      cacheRead: tokens?.cache?.read,
      cacheWrite: tokens?.cache?.write,
    },
    tool: part.tool,
    status: state?.status,
    startedAt: msOf(state?.time?.start),
    endedAt: msOf(state?.time?.end),
    inputSize: state?.input?.sizeBytes,
    inputDigest: state?.input === undefined ? undefined : digest(state.input),
    outputSize: (state?.output ?? state?.error)?.sizeBytes,
    agentType: state?.input?.fields?.subagent_type,
    skill: state?.input?.fields?.name,
    child: state?.metadata?.sessionId,
    childModel: state?.metadata?.model?.modelID,
    retriedAt: msOf(part.time?.created),
    httpStatus: msOf(part.error?.data?.statusCode),
  };
}

/** Reads the file of a session, which only says who it is. */
export const readSessionFile = wholeJson({
  plan: sessionPlan,
  start: () => undefined,
  lists: [],
  parse(document, context) {
    const [, name = ''] = context.file.relativePath.split('/');
    context.emit({
      kind: 'session',
      session: name.replace(/\.json$/, ''),
      parent: document.parentID,
      cwd: document.directory,
      version: document.version,
      rank: 'own',
    });
  },
});
