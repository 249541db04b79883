import type { InsightTurn } from './insight-turn.ts';

/** What figures are worked out from: some turns, by time, oldest first, and what is known of their session. */
export interface FigureFacts {
  /** A session's own turns and its subagents', or those of a day. */
  readonly turns: readonly InsightTurn[];
  readonly compactions: number;
  /** Sessions the turns belong to. */
  readonly sessions: number;
  /** 0–100; undefined where no session is live or its context is unknown. */
  readonly contextFillPct: number | undefined;
  readonly wasteScore: number;
}

export type FigureUnit =
  | 'percent'
  | 'times'
  | 'usd'
  | 'usd_per_hour'
  | 'tokens'
  | 'tokens_per_minute'
  | 'turns'
  | 'turns_per_hour'
  | 'calls_per_turn'
  | 'milliseconds'
  | 'minutes'
  | 'count'
  | 'points';

/** One number about some turns. The id is the file name with `_` for `-`. */
export interface FigureModule {
  readonly title: string;
  readonly unit: FigureUnit;
  /** In `unit`, unrounded; undefined when the facts do not tell it. Never 0 for "unknown". */
  of(facts: FigureFacts): number | undefined;
}

/** Identity; carries the types. */
export function defineFigure(figure: FigureModule): FigureModule {
  return figure;
}
