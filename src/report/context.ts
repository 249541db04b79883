import { type TurnsLeft, turnsBeyondHabit, turnsLeft, usualGrowth } from '../metrics/context-growth.ts';
import { type ContextPressure, contextPressure } from '../metrics/context-pressure.ts';
import type { InsightTurn } from '../metrics/insight-turn.ts';
import type { PriceBook } from '../metrics/prices.ts';
import type { Database } from '../store/driver.ts';
import { contextSteps, mainTurns } from '../store/queries/insight-turns.ts';
import type { SessionFacts } from '../store/queries/sessions.ts';
import { sessionWindow } from './build.ts';
import { insightTurns, sinceCompaction } from './insight-facts.ts';

/** How full a session's context is, and how long it will last. One function for every view. */
export interface ContextState {
  readonly windowTokens: number | undefined;
  readonly windowSource: string | undefined;
  /** Undefined right after a compaction. */
  readonly usedTokens: number | undefined;
  readonly pressure: ContextPressure | undefined;
  readonly turnsLeft: TurnsLeft | undefined;
  /** Main-chain turns since the last compaction, oldest first. */
  readonly turns: readonly InsightTurn[];
}

/** Turns of a session that are looked at for its context. */
const recentTurns = 64;
const monthMs = 30 * 24 * 60 * 60 * 1000;
/** Turns of the store that are looked through for a model's usual growth. */
const scannedTurns = 5_000;

export interface ContextOptions {
  readonly book: () => PriceBook;
  readonly now: number;
  /** What a turn on a model usually adds; default: asked of the store. Whoever asks often remembers it. */
  readonly growth?: ((model: string) => number | undefined) | undefined;
  /** The session's turns, where the caller has them. */
  readonly turns?: readonly InsightTurn[] | undefined;
}

/** The context of a top-level session as it stands. */
export function contextState(db: Database, session: SessionFacts, options: ContextOptions): ContextState {
  const { book, now } = options;
  const turns = options.turns ?? insightTurns(db, mainTurns(db, session.rowId, recentTurns), session.rowId, book());
  const window = sessionWindow(session, book);
  const used = session.contextTokens ?? undefined;
  const pressure = window === undefined || used === undefined ? undefined : contextPressure(used, window.tokens);
  const recent = sinceCompaction(turns);
  const growth = options.growth ?? ((model: string) => modelGrowth(db, model, now));
  const left = (remaining: number, model: string): TurnsLeft | undefined => {
    const told = recent.map((turn) => turn.contextTokens).filter((tokens) => tokens > 0); // 0: not told
    return turnsLeft(told, remaining, told.length < turnsBeyondHabit ? growth(model) : undefined);
  };
  return {
    windowTokens: window?.tokens,
    windowSource: window?.source,
    usedTokens: used,
    pressure,
    turnsLeft:
      pressure === undefined || session.model === null ? undefined : left(pressure.remainingTokens, session.model),
    turns: recent,
  };
}

/** What a turn on this model usually adds, by the last thirty days. Tokens. */
export function modelGrowth(db: Database, model: string, now: number): number | undefined {
  const later = new Map<number, { readonly contextTokens: number; readonly promptTokens: number }>();
  const differences: number[] = [];
  for (const step of contextSteps(db, model, now - monthMs, scannedTurns)) {
    const next = later.get(step.sessionRowId);
    later.set(step.sessionRowId, step);
    // Across a compaction nothing has grown.
    if (next !== undefined && next.promptTokens >= step.promptTokens / 2)
      differences.push(next.contextTokens - step.contextTokens);
  }
  return usualGrowth(differences);
}
