import { fields, sized } from '../../readers/fields.ts';
import type { RecordContext } from '../../readers/json-lines.ts';
import { timeOf } from '../../readers/values.ts';
import { elements, wholeJson } from '../../readers/whole-json.ts';

interface HistoryNotes {
  session: string;
}

const timelinePlan = fields({
  type: 'text',
  id: 'text',
  timestamp: 'text',
  callId: 'text',
  name: 'text',
  arguments: sized({}),
  result: sized({ type: 'text' }),
});

/** Sessions of 2025: what was asked and which tools ran. No token is recorded. */
export const readHistory = wholeJson<{ sessionId: 'text'; startTime: 'text' }, HistoryNotes>({
  plan: fields({ sessionId: 'text', startTime: 'text' }),
  start: (file) => ({ session: /session_(.+?)(_\d+)?\.json$/.exec(file.relativePath)?.[1] ?? file.relativePath }),
  parse(document, context) {
    context.state.session = document.sessionId ?? context.state.session;
    const at = timeOf(document.startTime);
    context.emit({ kind: 'session', session: context.state.session, rank: 'own', at });
  },
  lists: [
    elements('timeline', timelinePlan, (entry, context: RecordContext<HistoryNotes>) => {
      const { session } = context.state;
      const at = timeOf(entry.timestamp);
      if (entry.type === 'user' && entry.id !== undefined)
        return context.emit({ kind: 'prompt', key: entry.id, session, at, rank: 'own' });
      const key = entry.callId ?? entry.id;
      if (entry.type !== 'tool_call_completed' || key === undefined) return;
      const result = {
        at,
        isError: entry.result?.fields?.type !== undefined && entry.result.fields.type !== 'success',
        outputSizeBytes: entry.result?.sizeBytes ?? 0,
      };
      context.emit({
        kind: 'tool',
        session,
        sidechain: false,
        call: {
          key,
          at,
          name: entry.name ?? '',
          type: 'tool',
          inputSizeBytes: entry.arguments?.sizeBytes ?? 0,
          inputDigest: entry.arguments === undefined ? undefined : context.digest(entry.arguments),
          result,
        },
      });
    }),
  ],
});
