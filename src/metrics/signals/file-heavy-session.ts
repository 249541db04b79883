import { defineSignal } from '../signal.ts';
import { isFileRead } from '../tool-names.ts';

/** Much of the work was reading files: at least ten calls and two in five, over five turns or more. */
export default defineSignal({
  title: 'Many file reads',
  of: ({ turns, calls }) => {
    const reads = calls.filter((call) => isFileRead(call.name));
    const share = calls.length === 0 ? 0 : reads.length / calls.length;
    if (turns.length < 5 || reads.length < 10 || share < 0.4) return [];
    return [
      {
        severity: 'info',
        message: `${reads.length} of ${calls.length} tool calls read files (${Math.round(share * 100)} %).`,
        fields: { file_read_calls: reads.length, total_tool_calls: calls.length, read_pct: share * 100 },
        evidence: [...new Set(reads.flatMap((call) => call.turnId ?? []))],
      },
    ];
  },
});
