import type { CollectorState } from '../../store/feed.ts';
import type { Spend } from '../../store/queries/live-sessions.ts';
import { type KeyBinding, keyLabel } from '../keys.ts';
import { glyphs, type Theme } from '../theme.ts';
import { spendText } from './figures.ts';
import { collectorWord } from './notices.ts';
import { line, type Span, spansWidth, spread } from './spans.ts';

export interface HeaderFacts {
  readonly today: Spend;
  readonly week: Spend;
  readonly month: Spend;
  readonly live: number;
}

/** ` scopeon   today $4.12   week $31.90   month $120.00        ● 2 live   watching`: as many of the facts as fit. */
export function headerLine(
  facts: HeaderFacts | undefined,
  collector: CollectorState,
  mark: string,
  width: number,
  theme: Theme,
): string {
  const word = collectorWord(collector);
  const state: Span = [word, collector.phase === 'failed' ? theme.bad : theme.quiet];
  const title: readonly Span[] = [
    ' ',
    ['scopeon', theme.strong],
    ...(mark === '' ? [] : [[` ${mark}`, theme.warn] as const]),
  ];
  if (facts === undefined) return spread(title, [state, ' '], width);
  const live: readonly Span[] =
    facts.live > 0 ? [[`${glyphs.live} ${facts.live} live`, theme.good]] : [[`${glyphs.idle} none live`, theme.quiet]];
  const spends = (['today', 'week', 'month'] as const).map((name): readonly Span[] => [
    [`${name} `, theme.quiet],
    [spendText(facts[name]), facts[name].turns === 0 ? theme.quiet : theme.money],
  ]);
  const name: readonly Span[] = [...title, '   '];
  const first = (count: number): readonly Span[] =>
    spends.slice(0, count).flatMap((spend, at) => [...(at === 0 ? [] : ['   ']), ...spend]);
  // What is dear to a narrow terminal comes last here: today, then what is live.
  const ways: readonly (readonly [left: readonly Span[], right: readonly Span[]])[] = [
    [
      [...name, ...first(3)],
      [...live, '   ', state, ' '],
    ],
    [
      [...name, ...first(3)],
      [...live, ' '],
    ],
    [
      [...name, ...first(2)],
      [...live, ' '],
    ],
    [
      [...name, ...first(1)],
      [...live, ' '],
    ],
    [
      [' ', ...first(1)],
      [...live, ' '],
    ],
  ];
  const fits = ways.find(([left, right]) => spansWidth(left) + spansWidth(right) + 2 <= width);
  return fits === undefined ? line([' ', ...first(1)], width) : spread(...fits, width);
}

type Titles = readonly { readonly title: string; readonly key: string }[];

/** The tabs by their digits, the open one in colour; where they do not fit, the others by their first letters, then by digits. */
export function tabLine(tabs: Titles, open: number, width: number, theme: Theme): string {
  const { labels, gap } = tabLabels(tabs, open, width);
  const spans = labels.flatMap((label, at): readonly Span[] => [
    ' '.repeat(gap),
    [label, at === open ? theme.accent : theme.quiet],
  ]);
  return line([' ', ...spans.slice(1)], width);
}

/** The tab whose label is drawn at a column; undefined: none is. */
export function tabAt(tabs: Titles, open: number, width: number, column: number): number | undefined {
  let from = 1;
  const { labels, gap } = tabLabels(tabs, open, width);
  const at = labels.findIndex((label) => {
    const isHere = column >= from && column < from + spansWidth([label]);
    from += spansWidth([label]) + gap;
    return isHere;
  });
  return at < 0 ? undefined : at;
}

function tabLabels(
  tabs: Titles,
  open: number,
  width: number,
): { readonly labels: readonly string[]; readonly gap: number } {
  const named = (letters: number): readonly string[] =>
    tabs.map(({ key, title }, at) => `${key} ${at === open ? title : title.slice(0, letters)}`.trimEnd());
  const ways = [named(Number.POSITIVE_INFINITY), named(4), named(0)].map((labels) => ({ labels, gap: 2 }));
  // The open one is never what is cut.
  return ways.find(({ labels }) => spansWidth(labels) + labels.length * 2 - 1 <= width) ?? { labels: named(0), gap: 1 };
}

/** What no hint of a tab takes the room of. */
const alwaysHinted: ReadonlySet<string> = new Set(['help', 'quit']);

/** Hints at keys from their tables. Where room is short the first, the tab's own, stay longest, and help and quit longer still. */
export function footerLine(bindings: readonly KeyBinding[], status: string, width: number, theme: Theme): string {
  const right: readonly Span[] = status === '' ? [] : [[status, theme.quiet], ' '];
  let shown = bindings.filter((binding) => binding.hint !== undefined);
  for (;;) {
    const left = shown.flatMap((binding, at): readonly Span[] => [
      at === 0 ? ' ' : '   ',
      [binding.hintKeys ?? keyLabel(binding, 1), theme.accent],
      [` ${binding.hint}`, theme.quiet],
    ]);
    if (shown.length === 0 || spansWidth(left) + spansWidth(right) + 2 <= width) return spread(left, right, width);
    const last = shown.findLast((binding) => !alwaysHinted.has(binding.action)) ?? shown[0];
    shown = shown.filter((binding) => binding !== last);
  }
}

/** Every key of the tables with what it does; in two columns where one is too high. */
export function helpLines(
  tables: readonly (readonly [title: string, bindings: readonly KeyBinding[]])[],
  width: number,
  height: number,
  theme: Theme,
): readonly string[] {
  const rows = tables.flatMap(([title, bindings], at): readonly (readonly Span[])[] => [
    ...(at === 0 ? [] : [[]]),
    [[title, theme.strong]],
    ...bindings.map((binding): readonly Span[] => [
      [keyLabel(binding).padEnd(keysWidth(tables)), theme.accent],
      '  ',
      binding.help,
    ]),
  ]);
  const margin = '  ';
  if (rows.length + 2 <= height || width < 72)
    return [...(height < 6 ? [] : ['']), ...rows.map((row) => margin + line(row, Math.max(0, width - 2)))];
  const half = Math.ceil(rows.length / 2);
  const column = Math.floor((width - 6) / 2);
  return [
    '',
    ...Array.from(
      { length: half },
      (_, at) => `${margin}${line(rows[at] ?? [], column)}  ${line(rows[half + at] ?? [], column)}`,
    ),
  ];
}

function keysWidth(tables: readonly (readonly [string, readonly KeyBinding[]])[]): number {
  return Math.max(...tables.flatMap(([, bindings]) => bindings.map((binding) => keyLabel(binding).length)));
}
