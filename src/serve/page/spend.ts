import type { ReportJson } from '../../report/shape.ts';
import { get } from './api.ts';
import { legend, type Series, stackedBars } from './chart.ts';
import { fill, h, section, table } from './dom.ts';
import { compact, usd } from './format.ts';

type Day = Extract<
  ReportJson,
  { by: 'hour' | 'day' | 'week' | 'month' | 'project' | 'provider' | 'branch' | 'tag' | 'agent' }
>['rows'][number];

/** Models shown by name; the rest is one. */
const mostModels = 6;

/** Thirty days of spend, by model. */
export async function showSpend(place: HTMLElement): Promise<void> {
  const { rows } = await get<{ rows: Day[] }>('/api/v1/reports/day?since=30d&breakdown=true');
  const days = lastDays(30);
  const byDay = new Map(rows.map((row) => [row.key, row]));
  const series = seriesOf(days, byDay);
  const unpriced = rows.reduce((sum, row) => sum + row.unpriced_turns, 0);
  const chart = stackedBars(days, series, (value) => usd(value));
  fill(
    place,
    section(
      'spend',
      'Spend by day',
      series.length === 0 ? h('p', { class: 'faint' }, 'Nothing was used in the last 30 days.') : chart.element,
      series.length === 0 ? null : legend(series, usd),
      unpriced > 0 ? h('p', { class: 'warn' }, `${compact(unpriced)} turns without a price are not in it.`) : null,
      details(days, byDay),
    ),
  );
}

/** The same as a table: for those who read, and those who cannot see the bars. */
function details(days: readonly string[], byDay: ReadonlyMap<string | null, Day>): HTMLElement {
  const used = days.filter((day) => byDay.has(day)).reverse();
  return h(
    'details',
    {},
    h('summary', {}, 'As a table'),
    table<string>(
      'Spend by day',
      [
        { title: 'Day', cell: (day) => day },
        { title: 'Cost', number: true, cell: (day) => usd(byDay.get(day)?.cost_usd) },
        { title: 'Turns', number: true, cell: (day) => compact(byDay.get(day)?.turns) },
        { title: 'Tokens', number: true, cell: (day) => compact(byDay.get(day)?.total_tokens) },
      ],
      used,
    ),
  );
}

function seriesOf(days: readonly string[], byDay: ReadonlyMap<string | null, Day>): readonly Series[] {
  const totals = new Map<string, number>();
  for (const row of byDay.values())
    for (const part of row.breakdown ?? [])
      totals.set(part.model, (totals.get(part.model) ?? 0) + (part.cost_usd ?? 0));
  const ranked = [...totals].filter(([, cost]) => cost > 0).sort((a, b) => b[1] - a[1]);
  const named = ranked.slice(0, mostModels).map(([model]) => model);
  const costOn = (day: string, wanted: (model: string) => boolean): number =>
    (byDay.get(day)?.breakdown ?? [])
      .filter((part) => wanted(part.model))
      .reduce((sum, part) => sum + (part.cost_usd ?? 0), 0);
  const series = named.map((name) => ({ name, values: days.map((day) => costOn(day, (model) => model === name)) }));
  if (ranked.length <= mostModels) return series;
  const rest = days.map((day) => costOn(day, (model) => !named.includes(model)));
  return [...series, { name: 'the rest', values: rest }];
}

/** Local dates, the oldest first, today last. */
function lastDays(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => {
    const day = new Date();
    day.setDate(day.getDate() - (count - 1 - i));
    const pad = (value: number): string => String(value).padStart(2, '0');
    return `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;
  });
}
