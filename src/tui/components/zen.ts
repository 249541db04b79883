import { countOf, formatPct } from '../../report/format.ts';
import { fitFacts } from '../../report/wrap.ts';
import type { Theme } from '../theme.ts';
import { nameText, spendText } from './figures.ts';
import { isLiveAt } from './session-table.ts';
import { line, spansWidth } from './spans.ts';
import type { SummaryFacts } from './summary-facts.ts';

/** Whether the one quiet line is wanted, and whether something is too pressing for it. */
export interface ZenState {
  readonly isWanted: boolean;
  readonly isPressing: boolean;
  /** Refreshes in a row in which nothing pressed. */
  readonly calm: number;
}

export const noZen: ZenState = { isWanted: false, isPressing: false, calm: 0 };

/** So many refreshes without pressure bring the quiet line back. */
const calmRefreshes = 3;
const fullFrom = 80;
const spentFrom = 90;

/** It was asked for or ended by its key; what presses is forgotten. */
export function toggleZen(state: ZenState): ZenState {
  return { ...noZen, isWanted: !isZen(state) };
}

/** What a refresh makes of it. The context of a session that sleeps does not press. */
export function refreshZen(state: ZenState, facts: SummaryFacts, now: number): ZenState {
  if (!state.isWanted) return state;
  if (presses(facts, now)) return { isWanted: true, isPressing: true, calm: 0 };
  const calm = state.isPressing ? state.calm + 1 : 0;
  return { isWanted: true, isPressing: state.isPressing && calm < calmRefreshes, calm };
}

export function isZen({ isWanted, isPressing }: ZenState): boolean {
  return isWanted && !isPressing;
}

function presses({ current, dayUsedPct }: SummaryFacts, now: number): boolean {
  const isFull = current !== undefined && isLiveAt(current.lastActivityAt, now) && (current.fillPct ?? 0) >= fullFrom;
  return isFull || (dayUsedPct ?? 0) >= spentFrom;
}

/** One line in the middle of nothing; a few short ones where it is narrow. */
export function zenLines(
  facts: SummaryFacts | undefined,
  {
    width,
    height,
    theme,
    now,
  }: { readonly width: number; readonly height: number; readonly theme: Theme; readonly now: number },
): readonly string[] {
  const said = facts === undefined ? ['…'] : zenFacts(facts, now);
  const room = Math.max(1, width - 4);
  // On a narrow terminal a fact a line, as far as there are lines: one line would hold but one of them.
  const texts = width < narrowBelow ? said.slice(0, Math.min(height, 4)) : [fitFacts(said, room)];
  const above = Math.floor((height - texts.length) / 2);
  const lines = texts.map((text) => {
    const cut = fitFacts([text], room);
    const left = Math.max(0, Math.floor((width - spansWidth([cut])) / 2));
    return line([' '.repeat(left), [cut, theme.quiet]], width);
  });
  return [...Array.from({ length: above }, () => ''), ...lines];
}

const narrowBelow = 40;

function zenFacts(facts: SummaryFacts, now: number): readonly string[] {
  const { current, health, today, cachePct, advice } = facts;
  const isLive = current !== undefined && isLiveAt(current.lastActivityAt, now);
  const left = current?.turnsLeft;
  return [
    ...(health === undefined ? [] : [`health ${health}`]),
    ...(isLive && current.fillPct !== undefined
      ? [
          `${nameText(current.project)} context ${formatPct(current.fillPct)}${left === undefined ? '' : `, about ${countOf(left, 'turn')} left`}`,
        ]
      : ['nothing live']),
    `today ${spendText(today)}`,
    ...(cachePct === undefined ? [] : [`cache ${formatPct(cachePct)}`]),
    ...advice.slice(0, 1),
  ];
}
