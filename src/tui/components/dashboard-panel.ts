import { displaySafe } from '../../display.ts';
import { cacheHitRatio } from '../../metrics/cache.ts';
import { usdOf } from '../../report/figures.ts';
import {
  compactNumber,
  countOf,
  formatDuration,
  formatPct,
  formatRatio,
  formatUsd,
  groupDigits,
} from '../../report/format.ts';
import { windowLabel } from '../../report/limits-page.ts';
import { sumsFrom } from '../../report/sums.ts';
import { fitFacts } from '../../report/wrap.ts';
import type { WindowOf } from '../tab.ts';
import { glyphs, type Paint, thinGauge } from '../theme.ts';
import { aheadLines, daySpark } from './budget-panel.ts';
import type { DashboardFacts } from './dashboard-facts.ts';
import { ageText, costText, nameText, shortModel } from './figures.ts';
import type { InsightPlace } from './insight-panel.ts';
import { healthLines } from './insight-panel.ts';
import { heading, type Meter, marked, meterLines, severitySign, stacked, usedPaint } from './page.ts';
import { isLiveAt, sessionTable } from './session-table.ts';
import { line, type Span, spread } from './spans.ts';

export interface DashboardPlace extends InsightPlace {
  readonly now: number;
  readonly windowOf: WindowOf;
}

/** What needs a look: alerts that are on, silent agents, models without a price. Nothing: no line. */
export function noticeLines(
  { firing, dark, budget }: DashboardFacts,
  { width, theme }: DashboardPlace,
): readonly string[] {
  const [worst, ...others] = [...firing].sort((a, b) => rank(a.severity) - rank(b.severity));
  const more = others.length === 0 ? '' : ` (and ${countOf(others.length, 'more alert')})`;
  const unpriced = budget.unpriced_models.map((model) => displaySafe(model, 64));
  return [
    ...(worst === undefined
      ? []
      : marked(severitySign(worst.severity, theme), `${displaySafe(worst.message)}${more}`, width).slice(0, 2)),
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

function rank(severity: 'info' | 'warning' | 'critical'): number {
  return { critical: 0, warning: 1, info: 2 }[severity];
}

/** The live session's context with what is left of it, and how healthy the session is. */
export function liveLines(facts: DashboardFacts, place: DashboardPlace): readonly string[] {
  return stacked([contextLines(facts, place), kindLines(facts, place), healthLines(facts.insights, place)]);
}

function contextLines(
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
          turnsLeft.high === undefined ? `${turnsLeft.low} or more` : `${turnsLeft.low} to ${turnsLeft.high}`,
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

/** What the session has cost and how its tokens divide. */
function kindLines({ current }: DashboardFacts, { width, theme }: DashboardPlace): readonly string[] {
  if (current === undefined) return [];
  const sums = sumsFrom(current.use.sums);
  const written = sums.cacheCreation5mInputTokens + sums.cacheCreation1hInputTokens;
  const rows: readonly (readonly (readonly [name: string, value: string, paint: Paint])[])[] = [
    [
      ['Cost', costText(sums), theme.money],
      ['Turns', groupDigits(sums.turns), theme.plain],
      ['Cache hit', formatRatio(cacheHitRatio(sums) ?? null), theme.plain],
    ],
    [
      ['Input', compactNumber(sums.uncachedInputTokens), theme.plain],
      ['Read', compactNumber(sums.cacheReadInputTokens), theme.plain],
      ['Written', compactNumber(written), theme.plain],
      ['Output', compactNumber(sums.outputTokens), theme.plain],
    ],
  ];
  return rows.map((cells) =>
    line(
      cells.flatMap(([name, value, paint], at): readonly Span[] => [
        [`${at === 0 ? '' : '   '}${name} `, theme.quiet],
        [value, paint],
      ]),
      width,
    ),
  );
}

/** Cost now against limits and the user's own days. */
export function costLines(
  { budget, insights, days }: DashboardFacts,
  { width, theme }: DashboardPlace,
): readonly string[] {
  const [all] = budget.budgets;
  if (all === undefined) return [];
  const spells = [
    ['Today', all.daily],
    ['Week', all.weekly],
    ['Month', all.monthly],
  ] as const;
  const limited = spells.flatMap(([label, spell]): readonly Meter[] =>
    spell.limit_usd === null || spell.used_pct === null
      ? []
      : [
          {
            label,
            pct: spell.used_pct,
            words: `${formatUsd(spell.spent_usd)} of ${formatUsd(spell.limit_usd)}`,
            paint: { none: theme.quiet, ok: theme.good, warning: theme.warn, over: theme.bad }[spell.state],
          },
        ],
  );
  const { spike, today } = insights.spending;
  const habit: readonly Span[] =
    spike === undefined
      ? [['no habit known yet', theme.quiet]]
      : [
          [`a usual day is ${formatUsd(usdOf(Math.round(spike.meanNanoUsd)))}`, theme.quiet],
          ...(spike.z >= 2 ? [[' · far above it', theme.warn] as const] : []),
        ];
  return [
    heading('Cost', '', width, theme),
    line(['Today    ', [formatUsd(usdOf(today)), theme.money], '  ', ...habit], width),
    ...(limited.length === 0 ? [] : meterLines(limited, width, theme)),
    ...aheadLines(all, { width, theme }),
    line(['30 days  ', [daySpark(days, Math.max(1, width - 9)), theme.accent]], width),
  ];
}

/** The agents' own windows: used, when they reset. */
export function limitLines({ limits }: DashboardFacts, { width, theme, now }: DashboardPlace): readonly string[] {
  const meters = limits.flatMap((limit): readonly Meter[] => {
    const pct = limit.used_pct ?? (limit.reached ? 100 : null);
    if (pct === null) return [];
    const left = limit.resets_at === null ? 0 : Date.parse(limit.resets_at) - now;
    const words = `${formatPct(pct).padStart(4)}${left > 0 ? `  resets in ${formatDuration(left)}` : ''}`;
    return [{ label: windowLabel(limit.window), pct, words, paint: usedPaint(pct, theme) }];
  });
  if (meters.length === 0) return [heading('Limits', 'no agent reports one now', width, theme)];
  return [heading('Limits', 'as the agents report them', width, theme), ...meterLines(meters, width, theme)];
}

/** The one thing to change first. */
export function adviceLine({ insights }: DashboardFacts, { width, theme }: DashboardPlace): readonly string[] {
  const [first] = insights.suggestions;
  if (first === undefined) return [];
  const more = insights.suggestions.length - 1;
  return [
    heading('What to change', more === 0 ? '' : `${more} more under Insights`, width, theme),
    ...marked(severitySign(first.severity, theme), first.title, width),
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
