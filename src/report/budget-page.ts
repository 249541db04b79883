import { displaySafe, padToWidth } from '../display.ts';
import { formatPct, formatUsd, gauge } from './format.ts';
import type { Palette } from './palette.ts';
import type { BudgetJson } from './shape.ts';
import { fitFacts, wrap } from './wrap.ts';

type Budget = BudgetJson['budgets'][number];

const labelWidth = 10;

/** Every budget with its three limits and where it leads. Ends in a newline; no line is wider than `width`, nor than 100 columns. */
export function renderBudget(json: BudgetJson, options: { readonly width: number; readonly palette: Palette }): string {
  const { palette } = options;
  const width = Math.max(24, Math.min(options.width, 100));
  const sections = json.budgets.map((budget) => [
    ` ${palette.bold(titleOf(budget, width - 2))}`,
    spellLine('Today', budget.daily, palette, width),
    spellLine('Week', budget.weekly, palette, width),
    spellLine('Month', budget.monthly, palette, width),
    ...projection(budget, palette, width),
  ]);
  const hasLimit = json.budgets.some((each) =>
    [each.daily, each.weekly, each.monthly].some((spell) => spell.limit_usd !== null),
  );
  if (!hasLimit) {
    const advice = 'No limit is set. [budget] daily_usd, weekly_usd and monthly_usd in the configuration set one.';
    sections.push(wrap(advice.split(' '), width - 2).map((line) => ` ${palette.dim(line)}`) as string[]);
  }
  if (json.unpriced_models.length > 0) {
    const names = json.unpriced_models.map((model) => displaySafe(model)).join(', ');
    sections.push(
      wrap(`Not in these amounts, for want of a price: ${names}`.split(' '), width - 2).map(
        (line) => ` ${palette.yellow(line)}`,
      ) as string[],
    );
  }
  return `\n${sections.map((lines) => lines.join('\n')).join('\n\n')}\n\n`;
}

function titleOf({ scope, name }: Budget, width: number): string {
  return scope === 'all' ? 'All agents' : fitFacts([displaySafe(name ?? '', 64), scope], width);
}

function spellLine(label: string, spell: Budget['daily'], palette: Palette, width: number): string {
  const start = ` ${padToWidth(label, labelWidth)}`;
  const spent = formatUsd(spell.spent_usd);
  if (spell.limit_usd === null || spell.used_pct === null) return `${start}${spent}`;
  const paint = { none: palette.dim, ok: palette.green, warning: palette.yellow, over: palette.red }[spell.state];
  const words = `${formatPct(spell.used_pct).padStart(5)}  ${spent} of ${formatUsd(spell.limit_usd)}`;
  const columns = Math.max(0, Math.min(30, width - labelWidth - words.length - 3));
  const { filled, rest } = gauge(spell.used_pct, columns);
  return `${start}${paint(filled)}${palette.dim(rest)}${paint(words)}`;
}

function projection({ projection: ahead }: Budget, palette: Palette, width: number): readonly string[] {
  const { end_of_day_usd: day, month_usd: month, days_to_monthly_limit: days, pace } = ahead;
  const facts = [
    ...(day === null ? [] : [`today ends near ${formatUsd(day)}`]),
    ...(month === null
      ? []
      : [`the month near ${formatUsd(month)}${pace === null ? '' : ` (${pace.replaceAll('_', ' ')})`}`]),
    ...(days === null ? [] : [days === 0 ? 'the limit is reached' : `${Math.ceil(days)} days to the limit`]),
  ];
  return facts.length === 0
    ? []
    : [` ${padToWidth('Ahead', labelWidth)}${palette.dim(fitFacts(facts, width - labelWidth - 2))}`];
}
