import { anomalyFlags, isAnomalous } from '../../metrics/anomaly.ts';
import { cacheHitRatio } from '../../metrics/cache.ts';
import type { Zone } from '../../metrics/calendar.ts';
import { parseWhen } from '../../metrics/when.ts';
import { costOf, type Sums, usdOf } from '../../report/figures.ts';
import type { SessionFacts } from '../../store/queries/sessions.ts';

export interface FilteredSession {
  readonly facts: SessionFacts;
  readonly sums: Sums;
  readonly lastActivityAt: number;
}

/** What `anomaly` is judged by. */
export interface Usual {
  readonly costNanoUsd: number | undefined;
  readonly tellsCache: (provider: string) => boolean;
}

export type Predicate = (session: FilteredSession, usual: Usual) => boolean;

/** What may be written, for the line below the list. */
export const filterWords =
  'words, cost>1 cache<50 turns>20, project: branch: model: provider: tag:, date:7d, today, anomaly; - before one turns it round';

/**
 * Predicates that must all hold. Anything that is none of them is a part of a project's, branch's or model's name; `-` before
 * one negates it, quotes hold words together. `trouble`: what of it cannot be read, which then holds for every session.
 */
export function parseFilter(
  text: string,
  context: { readonly now: number; readonly zone: Zone },
): { readonly predicate: Predicate; readonly trouble: string | undefined } {
  const words = text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  const read = words.map((word) => {
    const isNegated = word.startsWith('-') && word.length > 1;
    const plain = (isNegated ? word.slice(1) : word).replaceAll('"', '');
    const predicate = predicateOf(plain, context);
    return { plain, predicate: predicate === undefined || !isNegated ? predicate : not(predicate) };
  });
  const holding = read.flatMap(({ predicate }) => predicate ?? []);
  return {
    predicate: (session, usual) => holding.every((holds) => holds(session, usual)),
    trouble: read.find(({ predicate }) => predicate === undefined)?.plain,
  };
}

function not(predicate: Predicate): Predicate {
  return (session, usual) => !predicate(session, usual);
}

function predicateOf(word: string, context: { readonly now: number; readonly zone: Zone }): Predicate | undefined {
  const lower = word.toLowerCase();
  if (lower === 'today') return since('today', context);
  if (lower === 'anomaly') return isUnusual;
  const compared = /^(cost|cache|turns)([<>])(.*)$/.exec(lower);
  if (compared !== null) return comparison(compared[1] ?? '', compared[2] ?? '', compared[3] ?? '');
  const named = /^(project|branch|model|provider|tag|date):(.*)$/.exec(lower);
  if (named === null) return (session) => [...namesOf(session)].some((name) => includes(name, lower));
  const [, key = '', value = ''] = named;
  return value === '' ? undefined : namedPredicate(key, value, context);
}

function namesOf({ facts }: FilteredSession): readonly (string | null)[] {
  return [facts.project, facts.branch, facts.model];
}

function includes(name: string | null, part: string): boolean {
  return name?.toLowerCase().includes(part) === true;
}

/** Undefined where the bound is no number. A session of which the figure is not known is on neither side of it. */
function comparison(figure: string, sign: string, bound: string): Predicate | undefined {
  const limit = Number(bound);
  if (bound === '' || !Number.isFinite(limit)) return undefined;
  return ({ sums }) => {
    const value = figureOf(figure, sums);
    return value !== undefined && (sign === '>' ? value > limit : value < limit);
  };
}

function figureOf(figure: string, sums: Sums): number | undefined {
  if (figure === 'turns') return sums.turns;
  if (figure === 'cost') {
    const { nanoUsd } = costOf(sums, 'auto');
    return nanoUsd === null ? undefined : usdOf(nanoUsd);
  }
  const ratio = cacheHitRatio(sums);
  return ratio === undefined ? undefined : ratio * 100;
}

function namedPredicate(
  key: string,
  value: string,
  context: { readonly now: number; readonly zone: Zone },
): Predicate | undefined {
  switch (key) {
    case 'project':
      return ({ facts }) => includes(facts.project, value);
    case 'branch':
      return ({ facts }) => includes(facts.branch, value);
    case 'model':
      return ({ facts }) => includes(facts.model, value);
    case 'provider':
      return ({ facts }) => includes(facts.provider, value);
    case 'tag':
      return ({ facts }) => facts.tags.some((tag) => tag.toLowerCase() === value);
    default:
      return since(value, context);
  }
}

/** The newest turn is of that day; of `7d` or `4w`: since then. */
function since(value: string, context: { readonly now: number; readonly zone: Zone }): Predicate | undefined {
  try {
    const from = parseWhen(value, { ...context, edge: 'since' }).atMs;
    const isSpan = /^\d+[dw]$/.test(value);
    const to = isSpan ? Number.POSITIVE_INFINITY : parseWhen(value, { ...context, edge: 'until' }).atMs;
    return ({ lastActivityAt }) => lastActivityAt >= from && lastActivityAt < to;
  } catch {
    return undefined;
  }
}

function isUnusual({ facts, sums }: FilteredSession, usual: Usual): boolean {
  const flags = anomalyFlags(
    {
      turns: sums.turns,
      mcpCalls: sums.mcpCalls,
      usage: sums,
      costNanoUsd: costOf(sums, 'auto').nanoUsd ?? undefined,
      tellsCache: usual.tellsCache(facts.provider),
    },
    usual.costNanoUsd,
  );
  return isAnomalous(flags);
}
