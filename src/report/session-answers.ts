import type { PriceBook } from '../metrics/prices.ts';
import type { Database } from '../store/driver.ts';
import { agentTree, type TreeNode } from '../store/queries/agent-tree.ts';
import { sessionTurns } from '../store/queries/insight-turns.ts';
import type { SessionUse } from '../store/queries/live-sessions.ts';
import { sessionDetail } from '../store/queries/session-detail.ts';
import { toolSizes } from '../store/queries/tool-sizes.ts';
import { sessionWindow } from './build.ts';
import { contextState } from './context.ts';
import { type Figures, figuresOf, usdOf } from './figures.ts';
import { knownCost, type NowRequest } from './stats.ts';
import { sumsFrom } from './sums.ts';

// What agents are told of one session, by the original's names and units. A number stays a number: of a cost that is
// what is known, of a rate without input 0.

/** Turns told one by one. */
const mostTurns = 100;

function figures(use: SessionUse): Figures {
  return figuresOf(sumsFrom(use.sums), 'auto');
}

function ratePct(rate: number | null): number {
  return (rate ?? 0) * 100;
}

export function usageAnswer(use: SessionUse) {
  const all = figures(use);
  return {
    session_id: use.facts.id,
    session_slug: null,
    model: use.facts.model,
    total_turns: all.turns,
    token_breakdown: {
      prompt_input_tokens: all.input_tokens,
      cache_hit_tokens: all.cache_read_tokens,
      cache_write_tokens: all.cache_write_tokens,
      output_tokens: all.output_tokens,
      thinking_tokens: all.reasoning_tokens ?? 0,
      mcp_calls: all.mcp_calls,
      total_context_tokens: all.input_tokens + all.cache_read_tokens,
    },
    cost: {
      estimated_usd: knownCost(all),
      cache_savings_usd: all.cache_savings_usd ?? 0,
      unpriced_turns: all.unpriced_turns,
    },
    cache_hit_rate_pct: ratePct(all.cache_hit_rate),
  };
}

export function summaryAnswer(db: Database, use: SessionUse, book: () => PriceBook) {
  const { facts } = use;
  const all = figures(use);
  const rows = sessionTurns(db, facts.rowId, mostTurns);
  return {
    session_id: facts.id,
    session: {
      slug: null,
      project: facts.project,
      branch: facts.branch,
      provider: facts.provider,
      provider_version: facts.version,
      model: facts.model,
      context_window_tokens: sessionWindow(facts, book)?.tokens ?? null,
      started_at: facts.startedAt,
      last_turn_at: facts.lastTurnAt,
    },
    turns: rows.map((row, i) => ({
      turn: all.turns - rows.length + i + 1,
      input: row.uncachedInputTokens,
      cache_hit: row.cacheReadInputTokens,
      cache_write: row.cacheCreation5mInputTokens + row.cacheCreation1hInputTokens,
      output: row.outputTokens,
      thinking: row.reasoningOutputTokens ?? 0,
      mcp_calls: row.mcpCalls,
      duration_ms: null,
      cost_usd: row.nano === null ? 0 : usdOf(row.nano),
      is_subagent: row.sidechain === 1 || row.sessionRowId !== facts.rowId,
    })),
    totals: {
      input_tokens: all.input_tokens,
      cache_hit_tokens: all.cache_read_tokens,
      cache_write_tokens: all.cache_write_tokens,
      output_tokens: all.output_tokens,
      thinking_tokens: all.reasoning_tokens ?? 0,
      mcp_calls: all.mcp_calls,
      estimated_cost_usd: knownCost(all),
      unpriced_turns: all.unpriced_turns,
      cache_hit_rate_pct: ratePct(all.cache_hit_rate),
    },
  };
}

export function cacheAnswer(use: SessionUse) {
  const all = figures(use);
  return {
    session_id: use.facts.id,
    cache_hit_tokens: all.cache_read_tokens,
    cache_write_tokens: all.cache_write_tokens,
    total_billable_input_tokens: all.input_tokens + all.cache_read_tokens + all.cache_write_tokens,
    cache_hit_rate_pct: ratePct(all.cache_hit_rate),
    tokens_saved: all.cache_read_tokens,
    cost_savings_usd: all.cache_savings_usd ?? 0,
  };
}

export function compareAnswer(a: SessionUse, b: SessionUse) {
  const [of, to] = [compared(a), compared(b)];
  const costs = figures(a).cost_usd === null || figures(b).cost_usd === null;
  const cost = to.cost_usd - of.cost_usd;
  const rate = to.cache_hit_rate_pct - of.cache_hit_rate_pct;
  return {
    session_a: of,
    session_b: to,
    delta: {
      cost_usd: cost,
      cache_hit_rate_pct: rate,
      cost_change: cost < 0 ? 'reduced (better)' : 'increased',
    },
    cache_hit_rate_delta_pct: rate,
    cost_delta_usd: costs ? null : cost,
    tokens_saved: to.cache_hit_tokens - of.cache_hit_tokens,
    recommendation: recommendation(costs ? undefined : cost, rate),
  };
}

function compared(use: SessionUse) {
  const all = figures(use);
  return {
    id: use.facts.id,
    turns: all.turns,
    input_tokens: all.input_tokens,
    cache_hit_tokens: all.cache_read_tokens,
    cache_hit_rate_pct: ratePct(all.cache_hit_rate),
    cost_usd: knownCost(all),
  };
}

function recommendation(cost: number | undefined, ratePoints: number): string {
  if (cost === undefined) return 'One of the two has no known price, so their costs cannot be compared.';
  const dearer = cost > 0 ? 'second' : 'first';
  if (Math.abs(ratePoints) >= 10 && ratePoints > 0 === cost < 0)
    return `The ${dearer} cost more and read less from the cache: keep the beginning of prompts the same.`;
  return cost === 0 ? 'Both cost the same.' : `The ${dearer} cost more; the cache does not explain it.`;
}

export function detailAnswer(db: Database, use: SessionUse, request: Pick<NowRequest, 'book' | 'now' | 'growth'>) {
  const { facts } = use;
  const state = contextState(db, facts, request);
  return {
    ...summaryAnswer(db, use, request.book),
    tools: toolSizes(db, facts.rowId, 100).map((tool) => ({
      name: tool.name ?? '',
      ...(tool.server === null ? {} : { server: tool.server }),
      calls: tool.calls,
      input_chars: tool.inputBytes,
    })),
    compactions: facts.compactions,
    context:
      state.usedTokens === undefined
        ? null
        : {
            used_tokens: state.usedTokens,
            window_tokens: state.windowTokens ?? null,
            fill_pct: state.pressure?.fillPct ?? null,
            predicted_turns_remaining: state.turnsLeft?.turns ?? null,
          },
    children: (sessionDetail(db, facts.rowId, 0)?.subagents ?? []).map((child) => ({
      agent_type: child.agentType,
      model: child.model,
      turns: child.turns,
      cost_usd: child.pricedTurns === 0 && child.turns > 0 ? null : usdOf(child.nano),
      last_turn_at: child.lastTurnAt,
    })),
  };
}

export function agentTreeAnswer(db: Database, topRowId: number): Readonly<Record<string, unknown>> {
  const nodes = agentTree(db, topRowId);
  const top = nodes.find((node) => node.rowId === topRowId);
  return top === undefined ? {} : branch(top, nodes, new Set());
}

/** Each session once, however its parents are told: a circle ends where it began. */
function branch(node: TreeNode, all: readonly TreeNode[], seen: Set<number>): Readonly<Record<string, unknown>> {
  seen.add(node.rowId);
  return {
    session_id: node.id,
    project_name: node.project,
    model: node.model,
    agent_type: node.agentType,
    turn_count: node.turns,
    total_cost_usd: usdOf(node.nano),
    total_tokens: node.tokens,
    is_subagent: node.parentRowId !== null,
    started_at: node.startedAt,
    children: all
      .filter((child) => child.parentRowId === node.rowId && !seen.has(child.rowId))
      .map((child) => branch(child, all, seen)),
  };
}
