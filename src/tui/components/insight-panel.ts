import { displaySafe } from '../../display.ts';
import type { Zone } from '../../metrics/calendar.ts';
import type { Signal } from '../../metrics/signal.ts';
import type { Suggestion } from '../../metrics/suggestion.ts';
import { usdOf } from '../../report/figures.ts';
import { compactNumber, countOf, formatPct, formatUsd, groupDigits, localMinute } from '../../report/format.ts';
import { fitFacts } from '../../report/wrap.ts';
import type { Theme } from '../theme.ts';
import { nameText, shortModel } from './figures.ts';
import type { ShownInsights } from './insights-now.ts';
import { heading, marked, meterLines, scorePaint, severitySign, stacked } from './page.ts';
import { line, type Span } from './spans.ts';

export interface InsightPlace {
  readonly width: number;
  readonly theme: Theme;
  readonly zone: Zone;
}

/** Whose numbers they are, health with its parts, signals of waste, lost cache, and what is unusual. */
export function findingLines(insights: ShownInsights, place: InsightPlace): readonly string[] {
  return stacked([
    subject(insights, place),
    healthLines(insights, place),
    wasteLines(insights, place),
    regressionLines(insights, place),
    unusualLines(insights, place),
  ]);
}

function subject({ session }: ShownInsights, { width, theme }: InsightPlace): readonly string[] {
  if (session === undefined) return [heading('Today', 'no session is live', width, theme)];
  return [
    heading(nameText(session.project, '(no project)'), 'the live session', width, theme),
    line([[fitFacts([shortModel(session.model), nameText(session.provider)], width), theme.quiet]], width),
  ];
}

const partNames = { cache: 'Cache', context: 'Context', cost: 'Cost', waste: 'Waste' } as const;

/** Health with its parts behind one another. */
export function healthWords({ health }: ShownInsights, { width, theme }: InsightPlace): readonly string[] {
  if (health === undefined) return [];
  const parts = Object.entries(health.parts).flatMap(([name, { score, max }], at): readonly Span[] => [
    [`${at === 0 ? '' : '   '}${partNames[name as keyof typeof partNames]} `, theme.quiet], // its keys are the parts
    [`${score.toFixed(0)}/${max}`, scorePaint((score / max) * 100, theme)],
  ]);
  return [healthHead(health, { width, theme }), line(parts, width)];
}

function healthHead(
  { score, profile }: NonNullable<ShownInsights['health']>,
  { width, theme }: Omit<InsightPlace, 'zone'>,
): string {
  const about = profile.replaceAll('_', ' ');
  return line(
    [
      ['Health ', theme.strong],
      [String(score), scorePaint(score, theme)],
      [` of 100 · ${about}`, theme.quiet],
    ],
    width,
  );
}

function healthLines({ health }: ShownInsights, { width, theme }: InsightPlace): readonly string[] {
  if (health === undefined) return [heading('Health', 'no turns to judge by', width, theme)];
  const parts = Object.entries(health.parts).map(([name, { score, max }]) => {
    const pct = (score / max) * 100;
    return {
      label: partNames[name as keyof typeof partNames], // its keys are the parts
      pct,
      words: `${score.toFixed(0)} of ${max}`,
      paint: scorePaint(pct, theme),
    };
  });
  return [healthHead(health, { width, theme }), ...meterLines(parts, width, theme)];
}

function wasteLines(
  { signals, wasteScore, isToday }: ShownInsights,
  { width, theme }: InsightPlace,
): readonly string[] {
  if (signals.length === 0)
    return isToday
      ? []
      : [
          line(
            [
              ['Waste ', theme.strong],
              ['none found', theme.good],
            ],
            width,
          ),
        ];
  return [
    heading('Waste', `${wasteScore} of 100`, width, theme),
    ...signals.flatMap((signal) => marked(severitySign(signal.severity, theme), signalText(signal), width)),
  ];
}

function signalText({ message, fields }: Signal): string {
  return typeof fields.tool_name === 'string' ? `${message} (${displaySafe(fields.tool_name, 64)})` : message;
}

const shownRegressions = 4;

function regressionLines({ regressions }: ShownInsights, { width, theme, zone }: InsightPlace): readonly string[] {
  if (regressions.length === 0) return [];
  const known = regressions.flatMap((each) => each.costNanoUsd ?? []);
  const cost = known.length === 0 ? 'unpriced' : formatUsd(usdOf(known.reduce((sum, nano) => sum + nano, 0)));
  const rows = regressions.slice(-shownRegressions).map((each) => {
    const why = each.cause === 'ttl' ? 'the pause outlived the cache' : 'it should still have been there';
    const facts = [localMinute(each.at, zone), `${compactNumber(each.lostTokens)} tokens`, why];
    return line([['· ', theme.quiet], fitFacts(facts, width - 2)], width);
  });
  return [
    heading('Cache lost', `${countOf(regressions.length, 'time')} · ${cost} to send again`, width, theme),
    ...rows,
  ];
}

function unusualLines({ anomaly }: ShownInsights, { width, theme }: InsightPlace): readonly string[] {
  if (anomaly === undefined || !anomaly.isAnomalous) return [];
  const words = [
    ...(anomaly.isExpensive ? ['It costs far more than your sessions do.'] : []),
    ...(anomaly.isToolHeavy ? ['Its turns call far more tools of MCP servers than is common.'] : []),
    ...(anomaly.isCacheCold ? ['Hardly any of its prompts came from the cache.'] : []),
  ];
  return [
    heading('Unusual', '', width, theme),
    ...words.flatMap((text) => marked(severitySign('warning', theme), text, width)),
  ];
}

/** Beyond what a session is told of as unusual, by the user's own habit where that is known. */
export function thresholdLines(
  { thresholds }: ShownInsights,
  { width, theme }: Omit<InsightPlace, 'zone'>,
): readonly string[] {
  const { coldCachePct, thinkingRatioWarn, thinkingRatioCritical, contextBloatMultiplier, days } = thresholds;
  const from = days === 0 ? 'defaults until 7 days are known' : `from ${countOf(days, 'day')} of yours`;
  const rows = [
    ['Cold cache', `less than ${formatPct(coldCachePct)} of a prompt comes from it`],
    [
      'Much reasoning',
      `from ${formatPct(thinkingRatioWarn * 100)} of the output, too much ${formatPct(thinkingRatioCritical * 100)}`,
    ],
    ['A bloated turn', `${contextBloatMultiplier}× the usual input`],
  ] as const;
  return [
    heading('Thresholds', from, width, theme),
    ...rows.map(([name, words]) => line([[name.padEnd(16), theme.quiet], words], width)),
  ];
}

/** A card for each suggestion: what, why, in how many turns it was seen, what it would save. */
export function adviceLines({ suggestions }: ShownInsights, place: InsightPlace): readonly string[] {
  const { width, theme } = place;
  if (suggestions.length === 0)
    return [heading('What to change', '', width, theme), line([['Nothing stands out.', theme.quiet]], width)];
  return stacked([
    [heading('What to change', groupDigits(suggestions.length), width, theme)],
    ...suggestions.map((suggestion) => card(suggestion, place)),
  ]);
}

function card(suggestion: Suggestion, { width, theme }: InsightPlace): readonly string[] {
  const { savingNanoUsdPerMonth: saving, evidence } = suggestion;
  const facts = [
    ...(saving === undefined ? [] : [`saves about ${formatUsd(usdOf(Math.round(saving)))} a month`]),
    ...(evidence.length === 0 ? [] : [`seen in ${countOf(evidence.length, 'turn')}`]),
  ];
  const [first = '', ...rest] = marked(severitySign(suggestion.severity, theme), suggestion.title, width);
  return [
    theme.strong(first),
    ...rest,
    ...marked(' ', suggestion.body, width),
    ...(facts.length === 0
      ? []
      : [line(['  ', [fitFacts(facts, width - 2), saving === undefined ? theme.quiet : theme.money]], width)]),
  ];
}
