import { useReducer, useRef } from 'react';
import { groupDigits } from '../../report/format.ts';
import { agentLines } from '../components/agent-tree.ts';
import { useAsk } from '../components/ask.ts';
import { useKeys } from '../components/key-bus.ts';
import { ScrollPage, scrollKeys } from '../components/scroll-page.tsx';
import { actionOf, type KeyBinding } from '../keys.ts';
import agents, { type AgentsAnswer } from '../questions/agents.ts';
import { defineTab, type TabProps } from '../tab.ts';

const stepKeys: readonly KeyBinding[] = [
  { action: 'newer', keys: ['[', 'left', 'h'], help: 'a newer session' },
  { action: 'older', keys: [']', 'right', 'l'], help: 'an older session', hint: 'session', hintKeys: '[ ]' },
];

const nothing: AgentsAnswer = { ids: [], facts: undefined };

export default defineTab({ title: 'Agents', key: '7', keys: [...stepKeys, ...scrollKeys], Component: Agents });

/** Subagents, MCP servers and tools of one session: the newest, until another is stepped to. */
function Agents(props: TabProps) {
  const { store, width, theme, now, keys, listens } = props;
  const known = useRef<readonly number[]>([]);
  const [chosen, step] = useReducer((before: number | undefined, by: number): number | undefined => {
    const all = known.current;
    const at = before === undefined ? 0 : Math.max(0, all.indexOf(before));
    const to = Math.max(0, Math.min(all.length - 1, at + by));
    return to === 0 ? undefined : all[to];
  }, undefined);
  const { ids, facts } = useAsk(store, agents, { rowId: chosen }, nothing);
  known.current = ids;
  useKeys(keys, listens, (name) => {
    const action = actionOf(stepKeys, name);
    if (action !== undefined) step(action === 'older' ? 1 : -1);
  });
  const rowId = chosen ?? ids[0];
  const lines = facts === undefined ? [] : agentLines(facts, { width: Math.min(width - 2, 110), theme, now });
  const place = rowId === undefined ? '' : `${ids.indexOf(rowId) + 1}/${groupDigits(ids.length)}`;
  return <ScrollPage key={rowId} {...props} lines={lines.map((text) => ` ${text}`)} hints={stepKeys} status={place} />;
}
