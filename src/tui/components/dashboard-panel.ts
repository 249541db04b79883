import { displaySafe } from '../../display.ts';
import { compactNumber, countOf, formatPct, groupDigits } from '../../report/format.ts';
import { sumsFrom } from '../../report/sums.ts';
import { fitFacts } from '../../report/wrap.ts';
import type { WindowOf } from '../tab.ts';
import { glyphs, type Paint, thinGauge } from '../theme.ts';
import type { DashboardFacts } from './dashboard-facts.ts';
import { ageText, costText, nameText, shortModel } from './figures.ts';
import type { InsightPlace } from './insight-panel.ts';
import { metricLines } from './metric-lines.ts';
import { cells } from './money-panel.ts';
import { heading, marked, severitySign } from './page.ts';
import { isLiveAt, sessionTable } from './session-table.ts';
import { line, type Span, spread } from './spans.ts';

export interface DashboardPlace extends InsightPlace {
  readonly now: number;
  readonly windowOf: WindowOf;
}

/** What needs a look beside alerts, which stand above every tab: silent agents, models without a price. Nothing: no line. */
export function noticeLines({ dark, budget }: DashboardFacts, { width, theme }: DashboardPlace): readonly string[] {
  const unpriced = budget.unpriced_models.map((model) => displaySafe(model, 64));
  return [
    ...dark.flatMap((title) =>
      marked(
        severitySign('warning', theme),
        `${displaySafe(title)} went dark: its files change, but no turn was read of them.`,
        width,
      ),
    ),
    ...(unpriced.length === 0
      ? []
      : [
          line(
            [
              severitySign('warning', theme),
              ' ',
              fitFacts([`No price for ${unpriced.join(', ')}`, 'costs are a lower bound'], width - 2),
            ],
            width,
          ),
        ]),
  ];
}

/** The live session's context with what is left of it. */
export function contextLines(
  { insights, current, live }: DashboardFacts,
  { width, theme, now }: DashboardPlace,
): readonly string[] {
  if (current === undefined) return [];
  const { facts } = current.use;
  const isLive = isLiveAt(current.lastActivityAt, now);
  const state: Span = isLive
    ? [`${glyphs.live} live`, theme.good]
    : [`idle ${ageText(now - current.lastActivityAt)}`, theme.quiet];
  const others = live.length > 1 ? [`newest of ${live.length} live`] : [];
  const who = [shortModel(facts.model), nameText(facts.provider), ...others];
  const head = [
    spread(
      [
        [nameText(facts.project, '(no project)'), theme.strong],
        [` ${nameText(facts.branch, '')}`, theme.quiet],
      ],
      [state],
      width,
    ),
    line([[fitFacts(who, width), theme.quiet]], width),
  ];
  const { pressure, windowTokens, usedTokens, turnsLeft } = current.context;
  if (pressure === undefined || windowTokens === undefined || usedTokens === undefined)
    return [...head, heading('Context', 'unknown until the next turn', width, theme)];
  const paint = isLive ? theme.pressure(pressure.level) : theme.quiet;
  const [filled, rest] = thinGauge(pressure.fillPct, width);
  const ahead =
    turnsLeft === undefined
      ? []
      : [
          `about ${countOf(turnsLeft.turns, 'turn')} left`,
          ...(turnsLeft.high === undefined ? [`${turnsLeft.low} or more`] : []),
          ...(turnsLeft.high !== undefined && turnsLeft.high > turnsLeft.low
            ? [`${turnsLeft.low} to ${turnsLeft.high}`]
            : []),
        ];
  return [
    ...head,
    spread([['Context', theme.strong]], [[formatPct(pressure.fillPct), paint]], width),
    line(
      [
        [filled, paint],
        [rest, theme.quiet],
      ],
      width,
    ),
    line([fitFacts([`${compactNumber(usedTokens)} of ${compactNumber(windowTokens)}`, ...ahead], width)], width),
    ...(isLive && insights.compaction?.advised === true
      ? marked(severitySign('warning', theme), 'It fills ever faster: compact now, before it is tight.', width)
      : []),
  ];
}

/** What the session has cost, how its tokens divide, and the figures the settings name. */
export function kindLines({ current, metrics }: DashboardFacts, { width, theme }: DashboardPlace): readonly string[] {
  if (current === undefined) return [];
  const sums = sumsFrom(current.use.sums);
  const written = sums.cacheCreation5mInputTokens + sums.cacheCreation1hInputTokens;
  const rows: readonly (readonly (readonly [name: string, value: string, paint: Paint])[])[] = [
    [
      ['Cost', costText(sums), theme.money],
      ['Turns', groupDigits(sums.turns), theme.plain],
      ['Tools', groupDigits(sums.toolCalls), theme.plain],
    ],
    [
      ['Input', compactNumber(sums.uncachedInputTokens), theme.plain],
      ['Read', compactNumber(sums.cacheReadInputTokens), theme.plain],
      ['Written', compactNumber(written), theme.plain],
      ['Output', compactNumber(sums.outputTokens), theme.plain],
    ],
  ];
  return [...rows.map((pairs) => line(cells(pairs, theme), width)), ...metricLines(metrics, { width, theme })];
}

/** What to change first, as many of it as said. */
export function adviceTitles(
  { insights }: DashboardFacts,
  { width, theme }: DashboardPlace,
  most: number,
): readonly string[] {
  const shown = insights.suggestions.slice(0, Math.max(1, most));
  if (shown.length === 0) return [];
  const more = insights.suggestions.length - shown.length;
  return [
    heading('What to change', more === 0 ? 'why, under Insights' : `${more} more under Insights`, width, theme),
    ...shown.map(({ severity, title }) => line([severitySign(severity, theme), ' ', title], width)),
  ];
}

/** Sessions that are live, newest first. */
export function liveTable({ live }: DashboardFacts, place: DashboardPlace, limit: number): readonly string[] {
  if (live.length === 0) return [];
  const sessions = live.slice(0, limit).map(({ use, lastActivityAt }) => ({
    facts: use.facts,
    sums: sumsFrom(use.sums),
    lastActivityAt,
  }));
  const rest = live.length - sessions.length;
  return [
    ...sessionTable(sessions, { ...place, selected: undefined }),
    ...(rest > 0
      ? [
          line(
            [
              ['   ', place.theme.quiet],
              [`and ${rest} more`, place.theme.quiet],
            ],
            place.width,
          ),
        ]
      : []),
  ];
}
