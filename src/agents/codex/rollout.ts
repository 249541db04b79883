import type { LogReader } from '../../provider.ts';
import { jsonLines } from '../../readers/json-lines.ts';
import { timeOf } from '../../readers/values.ts';
import { takeCompaction, takeEvent } from './events.ts';
import { type Context, restoreNotes, startNotes } from './notes.ts';
import { introduce } from './place.ts';
import { plan, type Row } from './plan.ts';
import { modesOf, takeModel, takeModes } from './settings.ts';
import { setOf } from './silence.ts';
import { startTurn, takeMeta } from './thread.ts';
import { takeItem } from './tools.ts';
import { takeRecord } from './usage.ts';

/** Reads a rollout, plain or compressed. */
export const readRollout: LogReader = jsonLines({ plan, start: startNotes, restore: restoreNotes, parse });

/** Types that hold nothing we take. Whatever is in no list is counted as unknown. */
const silentTypes = setOf('world_state inter_agent_communication inter_agent_communication_metadata');

function parse(row: Row, context: Context): void {
  const { payload } = row;
  if (payload === undefined) return takeBare(row, context);
  const at = timeOf(row.timestamp);
  switch (row.type) {
    case 'session_meta':
      return takeMeta(payload, at, context);
    case 'turn_context':
      startTurn(payload.turn_id, context);
      takeModel(payload.model, at, context);
      return takeModes(modesOf(payload), at, context);
    case 'event_msg':
      return takeEvent(payload, at, context);
    case 'response_item':
      return takeItem(payload, at, context);
    case 'token_usage_record':
      return takeRecord(payload, at, context);
    case 'compacted':
      return takeCompaction('compacted', at, context);
    default:
      if (row.type === undefined || !silentTypes.has(row.type)) context.unknownType();
  }
}

/** Records of August 2025 and before: no envelope, no times, no usage. That there was a session is all they tell. */
function takeBare(row: Row, context: Context): void {
  const notes = context.state;
  if (row.type === undefined && row.id !== undefined && !notes.isKnown) {
    notes.thread = row.id;
    notes.branch = row.git?.branch || undefined;
    return introduce(context, { at: timeOf(row.timestamp) });
  }
  const isItem = row.type === 'message' || row.type === 'reasoning' || /_call(_output)?$/.test(row.type ?? '');
  if (row.record_type === undefined && !isItem) context.unknownType();
}
