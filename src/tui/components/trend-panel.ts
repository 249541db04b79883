import { cacheHitRatio } from '../../metrics/cache.ts';
import { weekTrend } from '../../metrics/trend.ts';
import type { BudgetAnswer } from '../../report/answer-schemas.ts';
import { formatRatio, formatUsd, groupDigits } from '../../report/format.ts';
import { glyphs, type Paint, sparkline, type Theme } from '../theme.ts';
import { heading } from './page.ts';
import { line, type Span } from './spans.ts';

/** Calendar days, oldest first, today last. */
export type Days = BudgetAnswer['daily_rollups_30d'];

interface Place {
  readonly width: number;
  readonly theme: Theme;
}

/** Days a trend shows, today last. */
export const trendDays = 15;

interface Series {
  readonly name: string;
  readonly paint: Paint;
  readonly of: (day: Days[number]) => number | undefined;
  readonly text: (value: number) => string;
}

function seriesOf(theme: Theme): readonly Series[] {
  return [
    { name: 'Cost', paint: theme.money, of: (day) => day.cost_usd, text: formatUsd },
    { name: 'Sessions', paint: theme.accent, of: (day) => day.sessions, text: (value) => String(+value.toFixed(1)) },
    { name: 'Turns', paint: theme.accent, of: (day) => day.turns, text: groupDigits },
    { name: 'Cache', paint: theme.good, of: hitRatio, text: formatRatio },
  ];
}

function hitRatio(day: Days[number]): number | undefined {
  return cacheHitRatio({ uncachedInputTokens: day.input_tokens, cacheReadInputTokens: day.cache_read_tokens });
}

/** A line per figure: two weeks and today, what a day of the last week had, and how that stands against the week before. */
export function trendLines(days: Days, { width, theme }: Place): readonly string[] {
  const shown = days.slice(-trendDays);
  return [
    heading('Trend', 'a day of the last 7, against the 7 before', width, theme),
    ...seriesOf(theme).map(({ name, paint, of, text }) => {
      const trend = weekTrend(shown.slice(0, -1).map(of));
      return line(
        [
          [name.padEnd(9), theme.quiet],
          [spark(shown.map(of)), paint],
          `  ${(trend === undefined ? '–' : text(trend.mean)).padStart(9)}  `,
          changeSpan(trend?.changePct, theme),
        ],
        width,
      );
    }),
  ];
}

/** A column a day; of one whose value is not known, an empty one. Never a whole column high: lines stand below one another. */
function spark(values: readonly (number | undefined)[]): string {
  const top = Math.max(0, ...values.flatMap((value) => value ?? []));
  const height = (value: number): number => (top > 0 ? Math.round((value / top) * 870) : 0);
  return values.map((value) => (value === undefined ? ' ' : sparkline([height(value)], 1, 1_000))).join('');
}

/** Less than so much up or down is no change. */
const steadyPct = 5;

function changeSpan(pct: number | undefined, theme: Theme): Span {
  if (pct === undefined) return ['', theme.quiet];
  if (Math.abs(pct) < steadyPct) return ['steady', theme.quiet];
  return [`${pct > 0 ? '▲' : '▼'} ${Math.abs(pct).toFixed(0)}%`, theme.strong];
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** A row per day, newest first, with bars for cost, sessions and what came from the cache. */
export function trendTable(days: Days, { width, theme }: Place): readonly string[] {
  const shown = days.slice(1 - trendDays);
  const series = seriesOf(theme).filter(({ name }) => name !== 'Turns');
  const valueWidth = 9;
  const bar = Math.max(3, Math.min(30, Math.floor((width - 12) / series.length) - valueWidth - 3));
  const tops = series.map(({ of }) => Math.max(...shown.map((day) => of(day) ?? 0)));
  return [
    heading('Trends', 'the last 14 days', width, theme),
    '',
    line(
      [
        ['Day'.padEnd(11), theme.quiet],
        ...series.map(({ name }): Span => [`${name.padStart(valueWidth)}${' '.repeat(bar + 3)}`, theme.quiet]),
      ],
      width,
    ),
    ...[...shown].reverse().map((day, at) => {
      const weekday = weekdays[new Date(`${day.date}T00:00:00Z`).getUTCDay()] ?? '';
      const name = at === 0 ? 'today' : `${weekday} ${day.date.slice(5)}`;
      return line(
        [
          [name.padEnd(11), at === 0 ? theme.strong : theme.plain],
          ...series.flatMap(({ of, text, paint }, which): readonly Span[] => {
            const value = of(day);
            const share = (value ?? 0) / (tops[which] || 1);
            const columns = share > 0 ? Math.max(1, Math.round(share * bar)) : 0;
            return [
              [(value === undefined ? '–' : text(value)).padStart(valueWidth), value ? theme.plain : theme.quiet],
              ' ',
              [glyphs.full.repeat(columns), paint],
              ' '.repeat(bar - columns + 2),
            ];
          }),
        ],
        width,
      );
    }),
    '',
    ...trendLines(days, { width: Math.min(width, 60), theme }),
  ];
}
