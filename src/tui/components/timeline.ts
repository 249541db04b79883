import type { Zone } from '../../metrics/calendar.ts';
import { contextPressure } from '../../metrics/context-pressure.ts';
import { compactNumber, countOf, formatPct, groupDigits } from '../../report/format.ts';
import { fitFacts } from '../../report/wrap.ts';
import type { SessionDetail, TurnLine } from '../../store/queries/session-detail.ts';
import { sparkline, type Theme } from '../theme.ts';
import { shortModel, spendText } from './figures.ts';
import { heading } from './page.ts';
import { line } from './spans.ts';

export interface TimelinePlace {
  readonly width: number;
  readonly theme: Theme;
  readonly zone: Zone;
  /** Size of the context window; undefined: not known. */
  readonly windowTokens: number | undefined;
  /** Index of the turn looked at, oldest 0; undefined: the newest. */
  readonly cursor: number | undefined;
  /** As many turns were asked for; so many there: older ones may be missing. */
  readonly asked: number;
}

const labels = 7;

/** A column per turn: fill, cost and tool calls, compactions below, and the turn under the cursor in figures. */
export function timelineLines(detail: SessionDetail, place: TimelinePlace): readonly string[] {
  const { width, theme, windowTokens } = place;
  const turns = [...detail.turns].reverse();
  if (turns.length < 2) return [];
  const at = Math.max(0, Math.min(place.cursor ?? turns.length - 1, turns.length - 1));
  const room = Math.max(8, width - labels);
  const from = Math.max(0, Math.min(turns.length - room, at - Math.floor(room / 2)));
  const shown = turns.slice(from, from + room);
  const fills = shown.map((turn) => (turn.sidechain === 1 ? 0 : turn.contextTokens));
  const costs = shown.map((turn) => turn.nano ?? 0);
  const tools = shown.map((turn) => turn.toolCalls);
  const row = (name: string, values: readonly number[], top: number, paint: Theme['plain']): string =>
    line(
      [
        [name.padEnd(labels), theme.quiet],
        [sparkline(values, room, top), paint],
      ],
      width,
    );
  const older = turns.length >= place.asked ? ' of the newest' : '';
  return [
    heading('Timeline', `turn ${groupDigits(at + 1)} of ${groupDigits(turns.length)}${older}`, width, theme),
    row('Fill', fills, windowTokens ?? Math.max(...fills), theme.accent),
    row('Cost', costs, Math.max(...costs), theme.money),
    row('Tools', tools, Math.max(...tools), theme.plain),
    line([' '.repeat(labels), ...markSpans(shown, detail, at - from, theme)], width),
    ...snapshot(turns, at, place),
  ];
}

/** `▲` below the turn looked at, `c` where the context was compacted before a turn. */
function markSpans(shown: readonly TurnLine[], detail: SessionDetail, cursor: number, theme: Theme) {
  const isAfterCompaction = (turn: TurnLine, before: TurnLine | undefined): boolean =>
    detail.compactions.some((mark) => mark.at <= turn.at && before !== undefined && mark.at > before.at);
  return shown.map((turn, at) => {
    if (at === cursor) return ['▲', theme.strong] as const;
    return isAfterCompaction(turn, shown[at - 1]) ? (['c', theme.warn] as const) : ' ';
  });
}

function snapshot(turns: readonly TurnLine[], at: number, place: TimelinePlace): readonly string[] {
  const turn = turns[at];
  if (turn === undefined) return [];
  const { width, theme, zone, windowTokens } = place;
  const clock = new Date(turn.at + zone.offsetMs(turn.at)).toISOString().slice(0, 19).replace('T', ' ');
  const isMain = turn.sidechain === 0;
  const fill =
    windowTokens === undefined || !isMain
      ? []
      : [`context ${formatPct(contextPressure(turn.contextTokens, windowTokens).fillPct)}`];
  const tokens = [
    ...fill,
    `${compactNumber(turn.uncachedInputTokens)} in`,
    `${compactNumber(turn.cacheReadTokens)} read`,
    `${compactNumber(turn.cacheWriteTokens)} written`,
    `${compactNumber(turn.outputTokens)} out`,
    countOf(turn.toolCalls, 'tool call'),
  ];
  const soFar = turns.slice(0, at + 1);
  const cost = costOfTurns([turn]);
  const money = turns.length >= place.asked ? [cost] : [cost, `${costOfTurns(soFar)} so far`];
  return [
    line([[fitFacts([clock, shortModel(turn.model), ...(isMain ? [] : ['side chain'])], width), theme.quiet]], width),
    line([fitFacts(tokens, width)], width),
    line([[fitFacts(money, width), theme.money]], width),
  ];
}

function costOfTurns(turns: readonly TurnLine[]): string {
  const priced = turns.filter((turn) => turn.nano !== null);
  const nano = priced.reduce((sum, turn) => sum + (turn.nano ?? 0), 0);
  return spendText({ nano, turns: turns.length, pricedTurns: priced.length });
}
