import { useInput } from 'ink';
import { useReducer } from 'react';
import { groupDigits } from '../../report/format.ts';
import { buildInteractions, buildTasks } from '../../report/interactions.ts';
import type { Database } from '../../store/driver.ts';
import { newestSessions } from '../../store/queries/live-sessions.ts';
import { sessionDetail } from '../../store/queries/session-detail.ts';
import { type AgentFacts, agentLines } from '../components/agent-tree.ts';
import { useAsk } from '../components/ask.ts';
import { ScrollPage, scrollKeys } from '../components/scroll-page.tsx';
import { actionOf, type KeyBinding, keyNames } from '../keys.ts';
import { defineTab, type TabProps } from '../tab.ts';

const stepKeys: readonly KeyBinding[] = [
  { action: 'newer', keys: ['[', 'left', 'h'], help: 'a newer session' },
  { action: 'older', keys: [']', 'right', 'l'], help: 'an older session', hint: 'session', hintKeys: '[ ]' },
];

/** Sessions that can be stepped through. */
const known = 200;
/** Subagents and events looked at; older ones of a very long session are left out. */
const mostTasks = 100;
const mostEvents = 2_000;

export default defineTab({ title: 'Agents', key: '7', keys: [...stepKeys, ...scrollKeys], Component: Agents });

/** Subagents, MCP servers and tools of one session: the newest, until another is stepped to. */
function Agents(props: TabProps) {
  const { store, width, theme, now, listens } = props;
  const ids = useAsk(store, '', (db) => newestSessions(db, known).map((session) => session.rowId), []);
  const [chosen, step] = useReducer((before: number | undefined, by: number): number | undefined => {
    const at = before === undefined ? 0 : Math.max(0, ids.indexOf(before));
    const to = Math.max(0, Math.min(ids.length - 1, at + by));
    return to === 0 ? undefined : ids[to];
  }, undefined);
  useInput(
    (input, key) => {
      for (const name of keyNames(input, key)) {
        const action = actionOf(stepKeys, name);
        if (action !== undefined) step(action === 'older' ? 1 : -1);
      }
    },
    { isActive: listens },
  );
  const rowId = chosen ?? ids[0];
  const facts = useAsk(
    store,
    String(rowId),
    (db) => (rowId === undefined ? undefined : agentFacts(db, rowId)),
    undefined,
  );
  const lines = facts === undefined ? [] : agentLines(facts, { width: Math.min(width - 2, 110), theme, now });
  const place = rowId === undefined ? '' : `${ids.indexOf(rowId) + 1}/${groupDigits(ids.length)}`;
  return <ScrollPage key={rowId} {...props} lines={lines.map((text) => ` ${text}`)} hints={stepKeys} status={place} />;
}

function agentFacts(db: Database, rowId: number): AgentFacts | undefined {
  const detail = sessionDetail(db, rowId, 1);
  if (detail === undefined) return undefined;
  const { id, provider, version, model } = detail.facts;
  const head = { rowId, id, provider, version, model };
  return {
    detail,
    tasks: buildTasks(db, head, mostTasks),
    summary: buildInteractions(db, head, mostEvents).hook_effect_summary,
  };
}
