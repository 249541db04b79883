import type { BudgetAnswer } from '../../report/answer-schemas.ts';
import type { ReportJson } from '../../report/shape.ts';
import { get } from './api.ts';
import { legend, type Series, stackedBars } from './chart.ts';
import { h, refill, section, table } from './dom.ts';
import { compact, counted, dayText, usd } from './format.ts';

type Day = Extract<
  ReportJson,
  { by: 'hour' | 'day' | 'week' | 'month' | 'project' | 'provider' | 'branch' | 'tag' | 'agent' }
>['rows'][number];

/** Models shown by name; the rest is one. */
const mostModels = 6;

/** Thirty days of spend, by model. */
export async function showSpend(place: HTMLElement): Promise<void> {
  const [{ rows }, { daily_rollups_30d }] = await Promise.all([
    get<{ rows: Day[] }>('/api/v1/reports/day?since=30d&breakdown=true'),
    get<BudgetAnswer>('/api/v1/budget'),
  ]);
  const days = daily_rollups_30d.map(({ date }) => date); // the server's calendar, which need not be the reader's
  const byDay = new Map(rows.map((row) => [row.key, row]));
  const series = seriesOf(days, byDay);
  const unpriced = rows.reduce((sum, row) => sum + row.unpriced_turns, 0);
  const chart = stackedBars(days.map(nameOf), series, usd);
  refill(
    place,
    section(
      'spend',
      'Spend by day, last 30 days',
      series.length === 0 ? h('p', { class: 'faint' }, 'Nothing was used in the last 30 days.') : chart.element,
      series.length === 0 ? null : legend(series, usd),
      unpriced > 0
        ? h(
            'p',
            { class: 'warn' },
            `${counted(unpriced, 'turn')} without a price ${unpriced === 1 ? 'is' : 'are'} not in it.`,
          )
        : null,
      series.length === 0 ? null : details(days, byDay),
    ),
  );
}

/** The same as a table: for those who read, and those who cannot see the bars. */
function details(days: readonly string[], byDay: ReadonlyMap<string | null, Day>): HTMLElement {
  const used = days.filter((day) => byDay.has(day)).reverse();
  return h(
    'details',
    { 'data-key': 'spend-table' },
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

/** `26 Nov` of a local date. */
function nameOf(date: string): string {
  return dayText(new Date(`${date}T12:00:00`));
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
