import type { LogReader } from '../../provider.ts';
import { fields, type Picked, sized } from '../../readers/fields.ts';
import { jsonLines, type RecordContext } from '../../readers/json-lines.ts';
import { ranks } from './place.ts';
import { countsOf } from './turns.ts';

const otelPlan = fields({
  type: 'text',
  traceId: 'text',
  spanId: 'text',
  startTime: sized({}),
  attributes: {
    'gen_ai.operation.name': 'text',
    'gen_ai.conversation.id': 'text',
    'gen_ai.agent.version': 'text',
    'gen_ai.request.model': 'text',
    'gen_ai.response.model': 'text',
    'gen_ai.usage.input_tokens': 'number',
    'gen_ai.usage.output_tokens': 'number',
    'gen_ai.usage.cache_read.input_tokens': 'number',
    'gen_ai.usage.cache_creation.input_tokens': 'number',
    'gen_ai.usage.cache_write.input_tokens': 'number',
    'gen_ai.usage.reasoning.output_tokens': 'number',
    'github.copilot.initiator': 'text',
    'github.copilot.git.branch': 'text',
  },
});

type OtelContext = RecordContext<null>;

/** Reads what the OpenTelemetry exporter wrote. */
export const readOtel: LogReader = jsonLines({
  plan: otelPlan,
  start: () => null,
  restore: () => null,
  parse(row: Picked<typeof otelPlan>, context: OtelContext) {
    const { attributes } = row;
    const session = attributes?.['gen_ai.conversation.id'];
    if (row.type !== 'span' || attributes === undefined || session === undefined) {
      if (row.type !== 'span' && row.type !== 'metric') context.unknownType();
      return;
    }
    const at = spanTime(row, context);
    const operation = attributes['gen_ai.operation.name'];
    const version = attributes['gen_ai.agent.version'];
    const branch = attributes['github.copilot.git.branch'];
    if (operation === 'invoke_agent' && (version !== undefined || branch !== undefined))
      return context.emit({ kind: 'session', session, version, branch, rank: 'progress', at });
    // What an agent's span sums up, its chats tell.
    const inputTokens = attributes['gen_ai.usage.input_tokens'];
    const outputTokens = attributes['gen_ai.usage.output_tokens'];
    if (operation !== 'chat' || (inputTokens === undefined && outputTokens === undefined)) return;
    context.emit({
      ...countsOf(
        {
          inputTokens,
          outputTokens,
          cacheReadTokens: attributes['gen_ai.usage.cache_read.input_tokens'],
          cacheWriteTokens:
            attributes['gen_ai.usage.cache_write.input_tokens'] ??
            attributes['gen_ai.usage.cache_creation.input_tokens'],
          reasoningTokens: attributes['gen_ai.usage.reasoning.output_tokens'],
        },
        context,
      ),
      kind: 'turn',
      key:
        row.traceId === undefined || row.spanId === undefined
          ? `otel:${context.file.scope}:${context.offset}`
          : `otel:${row.traceId}:${row.spanId}`,
      session,
      at,
      model: attributes['gen_ai.response.model'] || attributes['gen_ai.request.model'] || 'unknown',
      fast: false,
      webSearchRequests: 0,
      sidechain: attributes['github.copilot.initiator'] === 'sub-agent',
      rank: 'own',
      quality: 'measured',
      source: { rank: ranks.otel, session },
      tools: [],
    });
  },
});

/** Its beginning, `[seconds, nanoseconds]`: a span may end when the session's end is written already. */
function spanTime({ startTime }: Picked<typeof otelPlan>, context: OtelContext): number | undefined {
  const pair = startTime === undefined ? undefined : context.parsed(startTime);
  const [seconds, nanoseconds] = Array.isArray(pair) ? (pair as unknown[]) : [];
  if (typeof seconds !== 'number' || typeof nanoseconds !== 'number') return undefined;
  return Math.floor(seconds * 1000 + nanoseconds / 1e6);
}
