import { displaySafe } from '../../display.ts';
import { costOf, type Sums, usdOf } from '../../report/figures.ts';
import { compactUsd, formatAge, formatDuration, formatUsd } from '../../report/format.ts';
import type { Spend } from '../../store/queries/live-sessions.ts';
import type { Theme } from '../theme.ts';
import type { Span } from './spans.ts';

/** `$12.41`; `≥$12.41` where some turns have no price; `unpriced` where none has. */
export function spendText(spend: Pick<Spend, 'nano' | 'turns' | 'pricedTurns'>): string {
  if (spend.turns > 0 && spend.pricedTurns === 0) return 'unpriced';
  return `${spend.pricedTurns < spend.turns ? '≥' : ''}${compactUsd(usdOf(spend.nano))}`;
}

/** Money in its colour; what has no price is warned of. */
export function costSpan(sums: Sums, theme: Theme): Span {
  const text = costText(sums);
  return [text, text === 'unpriced' ? theme.warn : theme.money];
}

export function costText(sums: Sums): string {
  const { nanoUsd, turns } = costOf(sums, 'auto');
  return spendText({ nano: nanoUsd ?? 0, turns: sums.turns, pricedTurns: turns });
}

/** Cost over turns, of those that have one; `–` when none has. */
export function costPerTurnText(sums: Sums): string {
  const { nanoUsd, turns } = costOf(sums, 'auto');
  return formatUsd(nanoUsd === null || turns === 0 ? null : usdOf(nanoUsd) / turns);
}

/** `opus-4-8` of `claude-opus-4-8-20251101`: the parts that tell models apart. */
export function shortModel(model: string | null): string {
  if (model === null) return '–';
  const short = model.replace(/^claude-/, '').replace(/-20\d{6}(?=$|-|\[)/, '');
  return displaySafe(short === '' ? model : short, 64);
}

const lastMinutesMs = 10 * 60_000;
const hourMs = 60 * 60_000;

/**
 * How long until something: `3h 05m`, `47m`, `9m 58s`. Seconds in the last ten minutes alone: before, nobody counts them, and
 * nothing on the screen needs to move for them.
 */
export function countdownText(ms: number): string {
  const seconds = Math.round(ms / 1_000) * 1_000;
  return seconds < lastMinutesMs || seconds >= hourMs ? formatDuration(ms) : `${Math.floor(seconds / 60_000)}m`;
}

/** `5m`, `3h`, `now`. */
export function ageText(ms: number): string {
  return formatAge(ms).replace(' ago', '');
}

export function nameText(name: string | null, nothing = '–'): string {
  return name === null || name === '' ? nothing : displaySafe(name, 128);
}
