import type { InsightCall } from '../insight-turn.ts';
import { defineSignal } from '../signal.ts';
import { isFileWrite, isShell } from '../tool-names.ts';

/** Calls further apart are no repetition: the model may well have lost the first answer. */
const nearestCalls = 50;

/** The same tool with the same arguments although nothing can have changed in between. */
export default defineSignal({
  title: 'Repeated tool calls',
  of: ({ calls }) =>
    [...repetitions(calls)].map(([tool, { extras, turns }]) => ({
      severity: 'warning',
      message: `The same call was made ${extras + 1} times although nothing had changed in between.`,
      fields: { tool_name: tool, count: extras + 1 },
      evidence: [...turns],
    })),
});

function repetitions(calls: readonly InsightCall[]): ReadonlyMap<string, { extras: number; turns: Set<string> }> {
  const seen = new Map<string, { index: number; changes: number }>();
  const found = new Map<string, { extras: number; turns: Set<string> }>();
  let changes = 0;
  calls.forEach(({ name, digest, turnId }, index) => {
    if (isFileWrite(name) || isShell(name)) changes++;
    else if (digest !== undefined) {
      const key = `${name}\0${digest}`;
      const before = seen.get(key);
      seen.set(key, { index, changes });
      if (before?.changes !== changes || index - before.index > nearestCalls) return;
      const tool = found.get(name) ?? { extras: 0, turns: new Set<string>() };
      tool.extras++;
      if (turnId !== undefined) tool.turns.add(turnId);
      found.set(name, tool);
    }
  });
  return found;
}
