import { isFarAbove } from '../../metrics/spend-habit.ts';
import type { Figures } from '../../report/figures.ts';
import { usdOf } from '../../report/figures.ts';
import { compactNumber, compactUsd, formatPct, formatRatio, formatUsd } from '../../report/format.ts';
import { windowLabel } from '../../report/limits-page.ts';
import { fitFacts } from '../../report/wrap.ts';
import type { Theme } from '../theme.ts';
import { daySpark, factsAhead, spellMeters } from './budget-panel.ts';
import { type Column, fitColumns, fitWidth, rowText, titleSpans } from './columns.ts';
import type { DashboardFacts } from './dashboard-facts.ts';
import { countdownText, nameText } from './figures.ts';
import type { MoneyFacts } from './money-facts.ts';
import { heading, type Meter, marked, meterLines, severitySign, usedPaint } from './page.ts';
import { line, type Span, spansWidth } from './spans.ts';

interface Place {
  readonly width: number;
  readonly theme: Theme;
  readonly now: number;
}

/** Cost now against limits and the user's own days. */
export function costLines(
  { budget, insights, days, periods }: Pick<DashboardFacts, 'budget' | 'insights' | 'days' | 'periods'>,
  { width, theme }: Place,
): readonly string[] {
  const [all] = budget.budgets;
  if (all === undefined) return [];
  const limited = spellMeters(all, theme);
  const free = (
    [
      ['Today', all.daily, periods.today],
      ['Week', all.weekly, periods.week],
      ['Month', all.monthly, periods.month],
    ] as const
  ).filter(([, spell]) => spell.limit_usd === null);
  return [
    heading('Cost', factsAhead(all).slice(0, 1).join(''), width, theme),
    ...(limited.length === 0 ? [] : meterLines(limited, width, theme)),
    ...(free.length === 0
      ? []
      : [
          line(
            cells(
              free.map(([label, , figures]) => [label, costOf(figures), theme.money]),
              theme,
            ),
            width,
          ),
        ]),
    line(habitSpans(insights.spending, { width, theme }), width),
    line(
      [
        ['30 days  ', theme.quiet],
        [daySpark(days, Math.max(1, width - 9)), theme.accent],
      ],
      width,
    ),
  ];
}

function costOf(figures: Figures): string {
  if (figures.cost_usd === null) return 'unpriced';
  return `${figures.unpriced_turns > 0 ? '≥' : ''}${compactUsd(figures.cost_usd)}`;
}

/** Names with their values behind one another. */
export function cells(
  pairs: readonly (readonly [name: string, value: string, paint: Theme['plain']])[],
  theme: Theme,
): readonly Span[] {
  return pairs.flatMap(([name, value, paint], at): readonly Span[] => [
    [`${at === 0 ? '' : '   '}${name} `, theme.quiet],
    [value, paint],
  ]);
}

function habitSpans(
  { spike, today }: DashboardFacts['insights']['spending'],
  { width, theme }: Pick<Place, 'width' | 'theme'>,
): readonly Span[] {
  const label: Span = ['Habit    ', theme.quiet];
  if (spike === undefined) return [label, ['not known yet', theme.quiet]];
  const isFar = isFarAbove(today, spike);
  const times = spike.meanNanoUsd > 0 ? `${(today / spike.meanNanoUsd).toFixed(1)}× ` : '';
  const said: readonly Span[] = [
    label,
    [times, isFar ? theme.warn : theme.plain],
    [`a usual day of ${formatUsd(usdOf(spike.meanNanoUsd))}`, theme.quiet],
  ];
  const words: Span = [' · far above it', theme.warn];
  return isFar && spansWidth([...said, words]) <= width ? [...said, words] : said;
}

/** Tokens of today, this week and this month, by kind. */
export function tokenLines({ periods }: Pick<MoneyFacts, 'periods'>, { width, theme }: Place): readonly string[] {
  const rows = [
    ['Today', periods.today],
    ['Week', periods.week],
    ['Month', periods.month],
  ] as const;
  const number = (title: string, weight: number, of: (figures: Figures) => number): Column<(typeof rows)[number]> => ({
    title,
    align: 'right',
    width: 6,
    weight,
    cell: ([, figures]) => [[compactNumber(of(figures)), of(figures) === 0 ? theme.quiet : theme.plain]],
  });
  const fit = fitColumns<(typeof rows)[number]>(
    [
      { title: 'Tokens', align: 'left', width: 7, weight: 100, cell: ([name]) => [name] },
      number('Total', 90, (figures) => figures.total_tokens),
      number('Input', 50, (figures) => figures.input_tokens),
      number('Read', 40, (figures) => figures.cache_read_tokens),
      number('Write', 30, (figures) => figures.cache_write_tokens),
      number('Output', 80, (figures) => figures.output_tokens),
      {
        ...number('Hit', 60, (figures) => figures.cache_hit_rate ?? 0),
        cell: ([, figures]) => [formatRatio(figures.cache_hit_rate)],
      },
    ],
    width,
  );
  const rest = ' '.repeat(Math.max(0, width - fitWidth(fit)));
  const titles = titleSpans(fit);
  return [
    theme.strong(titles.slice(0, 7)) + theme.quiet(titles.slice(7)) + rest,
    ...rows.map((row) => rowText(fit, row) + rest),
  ];
}

/** The running five-hour block: how much of its time is over, what it cost, how fast, and where that leads. */
export function blockLines({ block }: Pick<MoneyFacts, 'block'>, { width, theme, now }: Place): readonly string[] {
  if (block === undefined) return [heading('Five-hour block', 'none runs', width, theme)];
  const pct = ((now - block.startMs) / (block.endMs - block.startMs)) * 100;
  const cost = block.costUsd === null ? 'unpriced' : `${block.unpricedTurns > 0 ? '≥' : ''}${formatUsd(block.costUsd)}`;
  const facts = [
    `${compactNumber(block.totalTokens)} tokens`,
    ...(block.usdPerHour === null ? [] : [`${formatUsd(block.usdPerHour)} an hour`]),
    ...(block.projectedUsd === null ? [] : [`near ${formatUsd(block.projectedUsd)} at its end`]),
  ];
  return [
    heading('Five-hour block', `ends in ${countdownText(block.endMs - now)}`, width, theme),
    ...meterLines([{ label: 'Time', pct, words: formatPct(pct).padStart(4), paint: theme.accent }], width, theme),
    line(
      [
        ['Cost     ', theme.quiet],
        [cost, theme.money],
        [` · ${fitFacts(facts, width - 12 - cost.length)}`, theme.quiet],
      ],
      width,
    ),
  ];
}

/** The agents' own windows: used, when they reset, and whether they last at this pace. */
export function limitLines({ limits }: Pick<MoneyFacts, 'limits'>, { width, theme, now }: Place): readonly string[] {
  const meters = limits.flatMap((limit): readonly Meter[] => {
    const pct = limit.used_pct ?? (limit.reached ? 100 : null);
    if (pct === null) return [];
    const left = limit.resets_at === null ? 0 : Date.parse(limit.resets_at) - now;
    const words = `${formatPct(pct).padStart(4)}${left > 0 ? `  resets in ${countdownText(left)}` : ''}`;
    return [{ label: windowLabel(limit.window), pct, words, paint: usedPaint(pct, theme) }];
  });
  if (meters.length === 0) return [heading('Limits', 'no agent reports one now', width, theme)];
  const named = new Set(limits.map((limit) => limit.provider));
  return [
    heading('Limits', [...named].map((provider) => `as ${nameText(provider)} reports them`).at(0) ?? '', width, theme),
    ...meterLines(meters, width, theme),
    ...paceLines(limits, { width, theme, now }),
  ];
}

/** A window that does not last is warned of; else the one used most is told. */
function paceLines(limits: MoneyFacts['limits'], { width, theme, now }: Place): readonly string[] {
  const paced = limits.flatMap((limit) => (limit.pace === undefined ? [] : [{ ...limit, pace: limit.pace }]));
  const short = paced.filter((limit) => limit.pace.fullAtMs !== undefined && !limit.reached);
  if (short.length > 0) {
    return short.flatMap(({ window, pace }) => {
      const when =
        pace.fullAtMs === undefined || pace.fullAtMs <= now ? 'now' : `in ${countdownText(pace.fullAtMs - now)}`;
      const words = `${windowLabel(window)}: used up ${when}, before it resets (${pace.pctPerHour.toFixed(1)} %/h)`;
      return marked(severitySign('warning', theme), words, width);
    });
  }
  const [most] = paced.sort((a, b) => b.pace.pctAtReset - a.pace.pctAtReset);
  if (most === undefined) return [];
  const words = `${windowLabel(most.window)}: ${most.pace.pctPerHour.toFixed(1)} %/h, ${formatPct(most.pace.pctAtReset)} when it resets`;
  return [line([[words, theme.quiet]], width)];
}
