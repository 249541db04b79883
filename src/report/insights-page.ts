import { displaySafe, padToWidth, truncateToWidth } from '../display.ts';
import type { Zone } from '../metrics/calendar.ts';
import { compactNumber, countOf, formatAge, formatPct, formatUsd, gauge, groupDigits, localMinute } from './format.ts';
import type { Palette } from './palette.ts';
import type { InsightsJson } from './shape.ts';
import { fitFacts, wrap } from './wrap.ts';

export interface InsightsPageOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly palette: Palette;
  readonly zone: Zone;
}

/** Health, context, waste and advice as one page. Ends in a newline; no line is wider than `width`, nor than 100 columns. */
export function renderInsights(insights: InsightsJson, options: InsightsPageOptions): string {
  const page: Page = {
    insights,
    palette: options.palette,
    zone: options.zone,
    width: Math.max(24, Math.min(options.width, 100)),
    now: Date.parse(insights.generated_at),
  };
  const sections = [heading(page), healthLines(page), context(page), signals(page), regressions(page), advice(page)];
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `\n${text.join('\n\n')}\n\n`;
}

interface Page {
  readonly insights: InsightsJson;
  readonly palette: Palette;
  readonly zone: Zone;
  readonly width: number;
  readonly now: number;
}

const labelWidth = 10;

function heading({ insights, palette, width, now }: Page): readonly string[] {
  const { session } = insights;
  if (session === null) {
    const rest = fitFacts(["today's turns", 'no session is live'], width - 13);
    return [` ${palette.bold('Insights')}${palette.dim(` · ${rest}`)}`];
  }
  const age = formatAge(session.last_turn_at === null ? null : now - Date.parse(session.last_turn_at));
  const names = [session.project, session.model].flatMap((name) => (name === null ? [] : [displaySafe(name)]));
  const rest = fitFacts([displaySafe(session.id), ...names, age], width - 13);
  return [` ${palette.bold('Insights')}${palette.dim(` · ${rest}`)}`];
}

function healthLines(page: Page): readonly string[] {
  const { health } = page.insights;
  const { palette } = page;
  if (health === null) return [titleLine(page, 'Health', ['n/a', 'no turns to judge by'], palette.dim)];
  const paint = health.score >= 80 ? palette.green : health.score >= 50 ? palette.yellow : palette.red;
  const parts = Object.entries(health.parts).map(([name, { score, max }]) =>
    meter(page, name, (score / max) * 100, `${score.toFixed(0)} of ${max}`),
  );
  const facts = [`${health.score} of 100`, health.profile.replaceAll('_', ' ')];
  return [titleLine(page, 'Health', facts, paint), ...parts];
}

/** `Health  84 of 100 · cache heavy`, as many of the facts as fit. */
function titleLine(
  { palette, width }: Page,
  title: string,
  facts: readonly string[],
  paint: (text: string) => string = (text) => text,
): string {
  return ` ${palette.bold(title)}  ${paint(fitFacts(facts, width - title.length - 4))}`;
}

function meter({ palette, width }: Page, label: string, pct: number, words: string): string {
  const columns = Math.max(1, Math.min(30, width - labelWidth - words.length - 5));
  const { filled, rest } = gauge(pct, columns);
  const paint = pct >= 80 ? palette.green : pct >= 50 ? palette.yellow : palette.red;
  return ` ${padToWidth(label, labelWidth)}${paint(filled)}${palette.dim(rest)}  ${words}`;
}

function context(page: Page): readonly string[] {
  const { insights, palette, width } = page;
  const { context: now } = insights;
  if (now?.fill_pct == null || now.used_tokens === null || now.context_window === null) return [];
  const { predicted_turns_remaining: turns, predicted_turns_low: low, predicted_turns_high: high } = now;
  const range = turns === null ? [] : [`about ${countOf(turns, 'turn')} left (${low} to ${high ?? 'no end in sight'})`];
  const assumed = now.window_source === 'assumed' ? ' assumed' : '';
  const facts = [
    `${formatPct(now.fill_pct)} full`,
    `${compactNumber(now.used_tokens)} of ${compactNumber(now.context_window)}${assumed}`,
    ...range,
  ];
  const lines = [titleLine(page, 'Context', facts)];
  if (now.compaction_advised)
    lines.push(
      ` ${palette.yellow(truncateToWidth('It fills ever faster: compact now, before it is tight.', width - 2))}`,
    );
  return lines;
}

function signals(page: Page): readonly string[] {
  const { insights, palette } = page;
  if (insights.waste_signals.length === 0) {
    return insights.session === null ? [] : [titleLine(page, 'Waste', ['none found'], palette.green)];
  }
  return [
    titleLine(page, 'Waste', [`${insights.waste_score} of 100`]),
    ...insights.waste_signals.flatMap((signal) => {
      const tool = typeof signal.tool_name === 'string' ? ` (${displaySafe(signal.tool_name, 64)})` : '';
      return marked(page, signal.severity, `${signal.message}${tool}`);
    }),
  ];
}

function regressions(page: Page): readonly string[] {
  const { insights, palette, zone, width } = page;
  const all = insights.cache_regressions;
  if (all.length === 0) return [];
  const known = all.flatMap((each) => each.cost_usd ?? []);
  const cost = known.length === 0 ? 'unpriced' : formatUsd(known.reduce((sum, usd) => sum + usd, 0));
  const lines = all.slice(-3).map((each) => {
    const why = each.cause === 'ttl' ? 'the pause outlived the cache' : 'it should still have been there';
    const facts = [localMinute(Date.parse(each.at), zone), `${groupDigits(each.lost_tokens)} tokens`, why];
    return ` ${palette.dim('·')} ${fitFacts(facts, width - 4)}`;
  });
  return [titleLine(page, 'Cache lost', [countOf(all.length, 'time'), `sent again for ${cost}`]), ...lines];
}

function advice(page: Page): readonly string[] {
  const { insights, palette } = page;
  if (insights.suggestions.length === 0) return [];
  return [
    ` ${palette.bold(truncateToWidth('What you might change', page.width - 2))}`,
    ...insights.suggestions.flatMap((suggestion) => {
      const saving = suggestion.saving_usd_per_month;
      const worth = saving === null ? '' : ` Worth about ${formatUsd(saving)} a month.`;
      return marked(page, suggestion.severity, `${suggestion.title}. ${suggestion.body}${worth}`);
    }),
  ];
}

/** A paragraph behind a mark of its severity. */
function marked({ palette, width }: Page, severity: 'info' | 'warning' | 'critical', text: string): readonly string[] {
  const [mark, paint] = {
    info: ['·', palette.dim] as const,
    warning: ['!', palette.yellow] as const,
    critical: ['‼', palette.red] as const,
  }[severity];
  return wrap(text.split(' '), width - 4).map((line, i) => ` ${i === 0 ? paint(mark) : ' '} ${line}`);
}
