import { displaySafe } from '../../display.ts';
import type { BudgetAnswer } from '../../report/answer-schemas.ts';
import { compactNumber, formatPct, formatUsd } from '../../report/format.ts';
import type { RunningBlock } from '../../report/running-block.ts';
import type { BudgetJson } from '../../report/shape.ts';
import { fitFacts } from '../../report/wrap.ts';
import type { Spend } from '../../store/queries/live-sessions.ts';
import { glyphs, sparkline, type Theme } from '../theme.ts';
import { nameText, shortModel, spendText } from './figures.ts';
import { heading, type Meter, marked, meterLines, severitySign } from './page.ts';
import { line } from './spans.ts';

type Budget = BudgetJson['budgets'][number];
type Days = BudgetAnswer['daily_rollups_30d'];

interface Place {
  readonly width: number;
  readonly theme: Theme;
}

function spellsOf(budget: Budget) {
  return [
    ['Today', budget.daily],
    ['Week', budget.weekly],
    ['Month', budget.monthly],
  ] as const;
}

/** A bar for each spell that has a limit, amounts below one another. */
export function spellMeters(budget: Budget, theme: Theme): readonly Meter[] {
  const limited = spellsOf(budget).flatMap(([label, { spent_usd, limit_usd, used_pct, state }]) =>
    limit_usd === null || used_pct === null
      ? []
      : [{ label, used_pct, state, spent: formatUsd(spent_usd), limit: formatUsd(limit_usd) }],
  );
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));
  const spent = widest(limited.map((each) => each.spent));
  const limit = widest(limited.map((each) => each.limit));
  return limited.map((each) => ({
    label: each.label,
    pct: each.used_pct,
    words: `${formatPct(each.used_pct).padStart(4)}  ${each.spent.padStart(spent)} of ${each.limit.padStart(limit)}`,
    paint: { none: theme.quiet, ok: theme.good, warning: theme.warn, over: theme.bad }[each.state],
  }));
}

/** A budget's three spells against their limits, and where it leads. */
export function budgetLines(budget: Budget, { width, theme }: Place): readonly string[] {
  const limited = spellMeters(budget, theme);
  const free = spellsOf(budget).filter(([, spell]) => spell.limit_usd === null);
  return [
    heading(
      budget.scope === 'all' ? 'Spent' : nameText(budget.name),
      budget.scope === 'all' ? '' : budget.scope,
      width,
      theme,
    ),
    ...(limited.length === 0 ? [] : meterLines(limited, width, theme)),
    ...free.map(([label, spell]) =>
      line(
        [label.padEnd(9), [formatUsd(spell.spent_usd).padStart(10), theme.money], ['  no limit', theme.quiet]],
        width,
      ),
    ),
    ...aheadLines(budget, { width, theme }),
  ];
}

function aheadLines(budget: Budget, { width, theme }: Place): readonly string[] {
  const facts = factsAhead(budget);
  return facts.length === 0 ? [] : [line(['Ahead    ', [fitFacts(facts, width - 9), theme.quiet]], width)];
}

/** Where it leads, the nearest first. */
export function factsAhead({ projection: ahead }: Budget): readonly string[] {
  const { end_of_day_usd: day, month_usd: month, days_to_monthly_limit: days, pace } = ahead;
  return [
    ...(day === null ? [] : [`today ends near ${formatUsd(day)}`]),
    ...(month === null
      ? []
      : [`the month near ${formatUsd(month)}${pace === null ? '' : ` (${pace.replaceAll('_', ' ')})`}`]),
    ...(days === null ? [] : [days === 0 ? 'the limit is reached' : `${Math.ceil(days)} days to the limit`]),
  ];
}

/** Cost of the last days, today last, as columns of so many rows with what the highest of them stands for. */
export function dayLines(days: Days, { width, theme }: Place, rows = leastRows): readonly string[] {
  const costs = days.map((day) => day.cost_usd);
  const top = Math.max(...costs);
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const each = Math.max(1, Math.min(3, Math.round(width / days.length)));
  const shown = days.slice(-Math.floor(width / each));
  const chart = Array.from({ length: rows }, (_, row) => {
    const floor = rows - 1 - row;
    const blocks = shown.map(({ cost_usd: cost }) =>
      columnPart(top === 0 ? 0 : (cost / top) * rows - floor).repeat(Math.max(1, each - 1)),
    );
    return line([[blocks.map((block) => block.padEnd(each)).join(''), theme.accent]], width);
  });
  const first = shown[0]?.date.slice(5) ?? '';
  return [
    heading(`Last ${shown.length} days`, `highest ${formatUsd(top)} · sum ${formatUsd(total)}`, width, theme),
    ...chart,
    line(
      [
        [first.padEnd(Math.max(0, shown.length * each - 5)), theme.quiet],
        ['today', theme.quiet],
      ],
      width,
    ),
  ];
}

const leastRows = 5;
const mostRows = 12;

/** Rows of those columns where so many lines are left over beside the least. */
export function dayRows(spare: number): number {
  return Math.max(leastRows, Math.min(mostRows, leastRows + spare));
}

/** One row of a column: `full` rows and more of it stand in this row. */
function columnPart(full: number): string {
  const eighths = Math.max(0, Math.min(8, full > 0 ? Math.ceil(full * 8) : 0));
  return ' ▁▂▃▄▅▆▇█'[eighths] ?? ' ';
}

/** The same in one line. */
export function daySpark(days: Days, width: number): string {
  const each = Math.max(1, Math.floor(width / days.length));
  const nano = days.slice(-width).map((day) => Math.round(day.cost_usd * 1e9));
  const top = Math.max(...nano);
  return nano.map((cost) => sparkline([cost], 1, top).repeat(each)).join('');
}

export interface Share extends Spend {
  readonly name: string | null;
  /** What it is made of, drawn below it. */
  readonly parts: readonly Share[];
}

/** Names with their cost and its part of the whole, dearest first. */
export function shareLines(
  title: string,
  shares: readonly Share[],
  limit: number,
  { width, theme }: Place,
): readonly string[] {
  if (shares.length === 0) return [];
  const total = shares.reduce((sum, share) => sum + share.nano, 0);
  const names = Math.max(12, Math.min(26, width - 28));
  const bar = Math.max(0, Math.min(30, width - names - 18));
  const draw = (share: Share, name: string, isPart: boolean): string => {
    const pct = total === 0 ? 0 : (share.nano / total) * 100;
    const columns = pct > 0 ? Math.max(1, Math.round((pct / 100) * bar)) : 0;
    return line(
      [
        [line([name], names), isPart ? theme.quiet : theme.plain],
        [spendText(share).padStart(10), share.pricedTurns === 0 ? theme.warn : theme.money],
        [formatPct(pct).padStart(5), theme.quiet],
        '  ',
        [glyphs.full.repeat(columns), isPart ? theme.quiet : theme.accent],
      ],
      width,
    );
  };
  const rest = shares.slice(limit);
  return [
    heading(title, '', width, theme),
    ...shares
      .slice(0, limit)
      .flatMap((share) => [
        draw(share, nameText(share.name, '(none)'), false),
        ...share.parts.slice(0, limit).map((part) => draw(part, `  ${shortModel(part.name)}`, true)),
      ]),
    ...(rest.length === 0 ? [] : [line([[`and ${rest.length} more`, theme.quiet]], width)]),
  ];
}

/** How fast money goes right now. */
export function burnLines(block: RunningBlock | undefined, { width, theme }: Place): readonly string[] {
  if (block === undefined) return [];
  const { usdPerHour, tokensPerMin, projectedUsd } = block;
  const facts = [
    ...(usdPerHour === null ? [] : [`${formatUsd(usdPerHour)} an hour`]),
    ...(tokensPerMin === null ? [] : [`${compactNumber(tokensPerMin)} tokens a minute`]),
    ...(projectedUsd === null ? [] : [`${formatUsd(projectedUsd)} at the block's end`]),
  ];
  if (facts.length === 0) return [];
  return [line(['Burning  ', [fitFacts(facts, width - 9), theme.plain]], width)];
}

/** What the amounts leave out, and how limits are set where there is none. */
export function budgetNotes(json: BudgetJson, { width, theme }: Place): readonly string[] {
  const hasLimit = json.budgets.some((each) =>
    [each.daily, each.weekly, each.monthly].some((spell) => spell.limit_usd !== null),
  );
  const names = json.unpriced_models.map((model) => displaySafe(model, 64)).join(', ');
  return [
    ...(hasLimit
      ? []
      : marked(
          ' ',
          'No limit is set. [budget] daily_usd, weekly_usd and monthly_usd in the configuration set one.',
          width,
        ).map((text) => theme.quiet(text))),
    ...(names === ''
      ? []
      : marked(severitySign('warning', theme), `Not in these amounts, for want of a price: ${names}`, width)),
  ];
}
