import { displaySafe, displayWidth, padToWidth, truncateToWidth } from '../display.ts';
import { parseZone, type Zone } from '../metrics/calendar.ts';
import {
  compactNumber,
  compactUsd,
  countOf,
  formatAge,
  formatDuration,
  formatPct,
  formatRatio,
  formatUsd,
  gauge,
  groupDigits,
  localMinute,
} from './format.ts';
import { drawGrid, type GridColumn } from './grid.ts';
import { windowLabel } from './limits-page.ts';
import type { Palette } from './palette.ts';
import type { StatusJson } from './shape.ts';
import { fitFacts, wrap } from './wrap.ts';

export interface StatusPageOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly palette: Palette;
  /** The status' zone where it is at hand already. Absent: found by its name. */
  readonly zone?: Zone | undefined;
}

/** One page that says how things stand now. Ends in a newline; no line is wider than `width`, nor than 100 columns. */
export function renderStatus(status: StatusJson, options: StatusPageOptions): string {
  const page: Page = {
    status,
    palette: options.palette,
    width: Math.max(24, Math.min(options.width, 100)),
    zone: options.zone ?? parseZone(status.timezone),
    now: Date.parse(status.generated_at),
  };
  const sections =
    status.all.turns === 0
      ? [heading(page), nothingYet(page), facts(page)]
      : [heading(page), usage(page), context(page), budgets(page), limits(page), facts(page)];
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `\n${text.join('\n\n')}\n\n`;
}

interface Page {
  readonly status: StatusJson;
  readonly palette: Palette;
  readonly width: number;
  readonly zone: Zone;
  readonly now: number;
}

function heading({ palette, zone, now, status, width }: Page): readonly string[] {
  const rest = fitFacts([localMinute(now, zone), displaySafe(status.timezone)], width - 12);
  return [` ${palette.bold('scopeon')}${palette.dim(` · ${rest}`)}`];
}

function nothingYet({ palette, width }: Page): readonly string[] {
  const advice = 'scopeon reads the logs your coding agents leave on this machine. Use one and look again.';
  return [
    ` ${palette.bold('No usage recorded yet.')}`,
    ...wrap(advice.split(' '), width - 2).map((line) => ` ${palette.dim(line)}`),
  ];
}

type Spell = readonly [string, StatusJson['today']];

function usage({ status, palette, width }: Page): readonly string[] {
  const spells: readonly Spell[] = [
    ['Today', status.today],
    ['This week', status.week],
    ['This month', status.month],
    ['All time', status.all],
  ];
  const number = (title: string, weight: number, of: (figures: Spell[1]) => number): GridColumn<Spell> => ({
    title,
    align: 'right',
    weight,
    cell: ([, figures]) => {
      const value = of(figures);
      return { text: groupDigits(value), short: compactNumber(value), ...(value === 0 ? { paint: palette.dim } : {}) };
    },
  });
  const columns: readonly GridColumn<Spell>[] = [
    { title: '', align: 'left', weight: 100, cell: ([name]) => ({ text: name, paint: palette.bold }) },
    { title: 'Cost', align: 'right', weight: 10, cell: ([, figures]) => costCell(figures, palette) },
    number('Tokens', 9, (figures) => figures.total_tokens),
    number('Output', 6, (figures) => figures.output_tokens),
    number('Turns', 8, (figures) => figures.turns),
    number('Sessions', 7, (figures) => figures.sessions),
    {
      title: 'Cache hit',
      align: 'right',
      weight: 8.5,
      cell: ([, figures]) => ({ text: formatRatio(figures.cache_hit_rate) }),
    },
    {
      title: 'Cache saved',
      align: 'right',
      weight: 5,
      cell: ([, figures]) => ({
        text: formatUsd(figures.cache_savings_usd),
        short: compactUsd(figures.cache_savings_usd),
        paint: palette.dim,
      }),
    },
  ];
  return drawGrid(
    columns,
    spells.map((row) => ({ row, kind: 'row' as const })),
    width,
    palette,
  );
}

function costCell(figures: Spell[1], palette: Palette) {
  if (figures.cost_usd === null) return { text: 'unpriced', paint: palette.yellow };
  const mark = figures.unpriced_turns > 0 ? '≥' : '';
  const paint = figures.cost_usd === 0 ? palette.dim : palette.green;
  return { text: mark + formatUsd(figures.cost_usd), short: mark + compactUsd(figures.cost_usd), paint };
}

/** The live session's window, or the newest session's without alarm in its colour. */
function context(page: Page): readonly string[] {
  const { status, palette, width, now } = page;
  const live = status.context;
  if (live === null) return [];
  const age = formatAge(live.last_turn_at === null ? null : now - Date.parse(live.last_turn_at));
  const about = [live.project, live.model].flatMap((name) => (name === null ? [] : [displaySafe(name)]));
  const title = titleLine(live.stale ? 'Last context' : 'Context', [...about, age], page);
  if (live.fill_pct === null || live.used_tokens === null || live.context_window === null) {
    return [title, ` ${palette.dim(truncateToWidth('unknown until the next turn', width - 2))}`];
  }
  const paint = live.stale ? palette.dim : pressurePaint(live.fill_pct, palette);
  const predicted = live.predicted_turns_remaining;
  const words = [
    `${compactNumber(live.used_tokens)} of ${compactNumber(live.context_window)}`,
    ...(live.tokens_remaining === null ? [] : [`${compactNumber(live.tokens_remaining)} left`]),
    ...(predicted === null ? [] : [`about ${countOf(predicted, 'turn')}`]),
  ];
  return [title, ...meters([{ label: '', pct: live.fill_pct, facts: words, paint }], page)];
}

function pressurePaint(pct: number, palette: Palette): (text: string) => string {
  return pct >= 95 ? palette.red : pct >= 80 ? palette.yellow : palette.green;
}

function titleLine(title: string, about: readonly string[], { palette, width }: Page): string {
  const rest = about.length === 0 ? '' : ` · ${fitFacts(about, width - title.length - 5)}`;
  return ` ${palette.bold(title)}${palette.dim(rest)}`;
}

interface Meter {
  readonly label: string;
  /** 0–100 and beyond. */
  readonly pct: number;
  /** In order of worth: the last go first where the line is short. */
  readonly facts: readonly string[];
  readonly paint: (text: string) => string;
}

const labelWidth = 13;

/** ` Daily   █████░░░░░  64%  facts`, a line each; the bars are equally long and take what the facts leave. */
function meters(list: readonly Meter[], { palette, width }: Page): readonly string[] {
  const labels = list.some((meter) => meter.label !== '') ? labelWidth : 0;
  const room = width - labels - 10; // margins, percentage and the spaces around it
  const wanted = Math.max(...list.map((meter) => displayWidth(meter.facts.join(' · '))));
  const columns = Math.max(Math.min(8, Math.max(1, room)), Math.min(40, room - wanted));
  return list.map(({ label, pct, facts: known, paint }) => {
    const { filled, rest } = gauge(pct, columns);
    const about = fitFacts(known, Math.max(0, room - columns));
    return ` ${padToWidth(label, labels)}${paint(filled)}${palette.dim(rest)}${paint(formatPct(pct).padStart(5))}  ${about}`.trimEnd();
  });
}

function budgets(page: Page): readonly string[] {
  const { budget } = page.status;
  const spans = [
    ['Daily', budget.daily],
    ['Weekly', budget.weekly],
    ['Monthly', budget.monthly],
  ] as const;
  const list = spans.flatMap(([label, { spent, limit, pct }]): readonly Meter[] => {
    if (limit === null || pct === null) return [];
    const paint = pct >= 100 ? page.palette.red : pct >= 80 ? page.palette.yellow : page.palette.green;
    return [{ label, pct, facts: [`${formatUsd(spent)} of ${formatUsd(limit)}`], paint }];
  });
  return list.length === 0 ? [] : [titleLine('Budget', [], page), ...meters(list, page)];
}

function limits(page: Page): readonly string[] {
  const list = page.status.limits.flatMap((limit): readonly Meter[] => {
    const pct = limit.used_pct ?? (limit.reached ? 100 : null);
    if (pct === null) return [];
    const left = limit.resets_at === null ? 0 : Date.parse(limit.resets_at) - page.now;
    const label = truncateToWidth(windowLabel(limit.window), labelWidth - 1);
    const facts = [
      ...(limit.reached ? ['reached'] : []),
      ...(left > 0 ? [`resets in ${formatDuration(left)}`] : []),
      displaySafe(limit.provider),
    ];
    return [{ label, pct, facts, paint: pressurePaint(pct, page.palette) }];
  });
  return list.length === 0 ? [] : [titleLine('Limits', [], page), ...meters(list, page)];
}

/** Single facts, one line each, those without news left out. */
function facts({ status, palette, width, zone, now }: Page): readonly string[] {
  const lines: (readonly [string, readonly string[], ((text: string) => string)?])[] = [];
  if (status.top_project !== null) {
    const { project, cost_usd: cost, total_tokens: tokens } = status.top_project;
    const price = cost === null ? [] : [formatUsd(cost)];
    lines.push(['Top project', [displaySafe(project ?? '(none)'), ...price, `${compactNumber(tokens)} tokens`]]);
  }
  if (status.live_sessions > 0) lines.push(['Live', [countOf(status.live_sessions, 'session')], palette.green]);
  if (status.health_score !== null) {
    const paint = status.health_score >= 80 ? palette.green : status.health_score >= 50 ? palette.yellow : palette.red;
    lines.push(['Health', [`${status.health_score} of 100`], paint]);
  }
  if (status.unpriced_models.length > 0) {
    lines.push(['Unpriced', [status.unpriced_models.map((model) => displaySafe(model)).join(', ')], palette.yellow]);
  }
  const asOf =
    status.as_of === null
      ? 'logs not read yet'
      : `logs read ${agoText(now - Date.parse(status.as_of), status.as_of, zone)}`;
  const { pid } = status.collector;
  lines.push(['Collector', [pid === null ? 'not running' : `running, process ${pid}`, asOf], palette.dim]);
  return lines.map(([name, known, paint]) => {
    const cut = fitFacts(known, width - labelWidth - 2);
    return ` ${palette.dim(padToWidth(name, labelWidth))}${paint === undefined ? cut : paint(cut)}`;
  });
}

function agoText(ms: number, at: string, zone: Zone): string {
  if (ms < 60_000) return 'just now';
  return ms < 86_400_000 ? formatAge(ms) : `at ${localMinute(Date.parse(at), zone)}`;
}
