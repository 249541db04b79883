import { displaySafe } from '../../display.ts';
import type { Zone } from '../../metrics/calendar.ts';
import { countOf, formatPct, localMinute } from '../../report/format.ts';
import { escapeMarkdown } from '../../report/markdown.ts';
import { shortModel, spendText } from './figures.ts';
import type { SummaryFacts } from './summary-facts.ts';

/** How things stand, as Markdown for a note or a message. Names in it are inert. */
export function summaryNote(facts: SummaryFacts, at: { readonly now: number; readonly zone: Zone }): string {
  const { today, week, month, current, live, health, cachePct, advice, alerts } = facts;
  const cost = (spend: SummaryFacts['today']): string => spendText(spend).replace('<', '&lt;').replace('$', '\\$');
  const context = current?.fillPct === undefined ? '' : `, context ${formatPct(current.fillPct)}`;
  const left = current?.turnsLeft === undefined ? '' : `, about ${countOf(current.turnsLeft, 'turn')} left`;
  const name = (text: string | null, nothing: string): string => escapeMarkdown(text ?? nothing);
  return [
    `## scopeon, ${localMinute(at.now, at.zone, true)}`,
    '',
    '| Today | Week | Month |',
    '| ---: | ---: | ---: |',
    `| ${cost(today)} | ${cost(week)} | ${cost(month)} |`,
    '',
    ...(current === undefined
      ? []
      : [
          `- ${live > 0 ? `${countOf(live, 'live session')}, newest` : 'Last session'}: **${name(current.project, '(no project)')}** ${name(current.branch, '')} (${escapeMarkdown(shortModel(current.model))})${context}${left}`,
        ]),
    ...(health === undefined ? [] : [`- Health ${health} of 100`]),
    ...(cachePct === undefined ? [] : [`- ${formatPct(cachePct)} of the input came from the cache`]),
    ...alerts.map((message) => `- Alert: ${escapeMarkdown(displaySafe(message, 512))}`),
    ...advice.slice(0, 3).map((title) => `- To change: ${escapeMarkdown(title)}`),
    '',
  ].join('\n');
}
