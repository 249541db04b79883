import type { PriceBook } from './prices.ts';

/** Where a window's size comes from, most certain first. Whoever shows an `assumed` one says so. */
export type WindowSource = 'reported' | 'hint' | 'observed' | 'table' | 'assumed';

export interface ContextWindow {
  readonly tokens: number;
  readonly source: WindowSource;
}

export interface WindowFacts {
  /** As the log names it; `[1m]` at its end is a hint. */
  readonly model: string;
  /** What the log or the status line says, in tokens. Absent or below 1: it does not. */
  readonly reported?: number | undefined;
  /** The user's settings name the one-million variant. */
  readonly hint1m?: boolean | undefined;
  /** Largest main-chain prompt of the session, in tokens. */
  readonly observedMax?: number | undefined;
  readonly book: Pick<PriceBook, 'window'>;
}

/**
 * Size of a conversation's context window. Reported wins; else the one-million hint; else, when a prompt was larger than
 * the table allows, the next size that holds it; else the price table; else the family's usual size.
 */
export function contextWindow({ model, reported, hint1m, observedMax, book }: WindowFacts): ContextWindow {
  if (reported !== undefined && reported >= 1) return { tokens: reported, source: 'reported' };
  const hinted = hint1m === true || /\[1m\]\s*$/i.test(model);
  const table = book.window(model);
  const known: ContextWindow = hinted ? { tokens: Math.max(table.tokens, million), source: 'hint' } : table;
  if (observedMax === undefined || observedMax <= known.tokens) return known;
  return { tokens: promoted(model, observedMax), source: 'observed' };
}

const million = 1_000_000;

/** Claude's models come with 200 000 or a million; others in these steps. Beyond the last, what was seen. */
function promoted(model: string, observed: number): number {
  const steps = /claude/i.test(model) ? [200_000, million] : [200_000, 400_000, million, 2 * million];
  return steps.find((step) => observed <= step) ?? observed;
}
