import { compactUsd, countOf, formatPct } from '../../report/format.ts';
import { windowLabel } from '../../report/limits-page.ts';
import { sumsFrom } from '../../report/sums.ts';
import { fitFacts } from '../../report/wrap.ts';
import { glyphs, thinGauge } from '../theme.ts';
import { daySpark, spellMeters } from './budget-panel.ts';
import type { DashboardFacts } from './dashboard-facts.ts';
import type { DashboardPlace } from './dashboard-panel.ts';
import { costText, nameText, shortModel } from './figures.ts';
import { type Meter, usedPaint } from './page.ts';
import { isLiveAt } from './session-table.ts';
import { line, type Span, spread } from './spans.ts';

/** The dashboard where there is hardly any room: what matters most stands first, and as much of it as fits. */
export function widgetLines(
  facts: DashboardFacts,
  place: DashboardPlace,
  { rows, isAlone }: { readonly rows: number; readonly isAlone: boolean },
): readonly string[] {
  const { width, theme } = place;
  const [first, ...others] = meters(facts, place);
  const health = facts.insights.health;
  return [
    ...(isAlone ? [todayLine(facts, place)] : []), // else the frame says it
    sessionLine(facts, place),
    ...contextLine(facts, place),
    ...(first === undefined ? [] : [meterLine(first, place)]),
    line(
      [
        ['7 days  ', theme.quiet],
        [daySpark(facts.days.slice(-7), Math.max(7, Math.min(21, width - 8))), theme.accent],
      ],
      width,
    ),
    ...others.map((meter) => meterLine(meter, place)),
    ...(health === undefined ? [] : [line([['Health  ', theme.quiet], `${health.score} of 100`], width)]),
  ].slice(0, rows);
}

function todayLine({ periods, live }: DashboardFacts, { width, theme }: DashboardPlace): string {
  const { cost_usd: cost, unpriced_turns: unpriced } = periods.today;
  const text = cost === null ? 'unpriced' : `${unpriced > 0 ? '≥' : ''}${compactUsd(cost)}`;
  const alive: Span =
    live.length === 0 ? [`${glyphs.idle} none`, theme.quiet] : [`${glyphs.live} ${live.length}`, theme.good];
  return spread(
    [
      [text, theme.money],
      [' today', theme.quiet],
    ],
    [alive],
    width,
  );
}

function sessionLine({ current }: DashboardFacts, { width, theme }: DashboardPlace): string {
  if (current === undefined) return line([['no session yet', theme.quiet]], width);
  const { facts } = current.use;
  const sums = sumsFrom(current.use.sums);
  const more = fitFacts(
    [shortModel(facts.model), countOf(sums.turns, 'turn'), costText(sums)],
    Math.max(8, width - 14),
  );
  return spread([[nameText(facts.project, '(no project)'), theme.strong]], [[more, theme.quiet]], width);
}

function contextLine({ current }: DashboardFacts, place: DashboardPlace): readonly string[] {
  const pressure = current?.context.pressure;
  if (current === undefined || pressure === undefined) return [];
  const { theme, now } = place;
  const paint = isLiveAt(current.lastActivityAt, now) ? theme.pressure(pressure.level) : theme.quiet;
  return [meterLine({ label: 'Context', pct: pressure.fillPct, words: '', paint }, place)];
}

/** The window that is used most, then the budgets by how much of them is, then the block that runs. */
function meters({ limits, budget, block }: DashboardFacts, { theme, now }: DashboardPlace): readonly Meter[] {
  const windows = limits.flatMap((limit): readonly Meter[] => {
    const pct = limit.used_pct ?? (limit.reached ? 100 : null);
    return pct === null ? [] : [{ label: windowLabel(limit.window), pct, words: '', paint: usedPaint(pct, theme) }];
  });
  const byUse = (one: Meter, two: Meter): number => two.pct - one.pct;
  const budgets = budget.budgets.slice(0, 1).flatMap((all) => spellMeters(all, theme));
  const time = block === undefined ? undefined : ((now - block.startMs) / (block.endMs - block.startMs)) * 100;
  return [
    ...windows.sort(byUse),
    ...[...budgets].sort(byUse),
    ...(time === undefined ? [] : [{ label: 'Block', pct: time, words: '', paint: theme.accent }]),
  ];
}

function meterLine({ label, pct, paint }: Meter, { width, theme }: DashboardPlace): string {
  const room = Math.max(1, width - 13);
  const [filled, rest] = thinGauge(pct, room);
  return line(
    [[line([label], 7), theme.quiet], ' ', [filled, paint], [rest, theme.quiet], [formatPct(pct).padStart(5), paint]],
    width,
  );
}
