import { displaySafe } from '../../display.ts';
import type { Zone } from '../../metrics/calendar.ts';
import { fitFacts } from '../../report/wrap.ts';
import type { Theme } from '../theme.ts';
import { nameText, shortModel } from './figures.ts';
import { filterWords, parseFilter } from './session-filter.ts';
import type { SessionScope } from './session-order.ts';
import { type Span, spansWidth, spread } from './spans.ts';

export interface ListFilter {
  /** As it is written just now; undefined: it is not. */
  readonly draft: string | undefined;
  readonly filter: string;
  readonly scope: SessionScope;
  /** Sessions it leaves. */
  readonly found: number;
}

/** What narrows the list, as it is written or holds, with what it leaves or what of it cannot be read. */
export function filterLine(
  { draft, filter, scope, found }: ListFilter,
  place: { readonly width: number; readonly theme: Theme; readonly now: number; readonly zone: Zone },
): string {
  const { theme, width } = place;
  const text = displaySafe(draft ?? filter, 512);
  const { trouble } = parseFilter(draft ?? filter, place);
  const about: Span =
    trouble !== undefined
      ? [`"${displaySafe(trouble, 32)}" is not understood`, theme.warn]
      : [draft === undefined ? (found === 0 ? 'no session' : 'Esc shows all') : 'Enter keeps, Esc clears', theme.quiet];
  const scopes: readonly Span[] = [
    ...(scope.provider === undefined ? [] : [[`[${nameText(scope.provider)}] `, theme.accent] as const]),
    ...(scope.model === undefined ? [] : [[`{${shortModel(scope.model)}} `, theme.accent] as const]),
  ];
  const written: readonly Span[] =
    draft === undefined && filter === '' ? [] : [['/', theme.accent], text, ...(draft === undefined ? [] : ['▏'])];
  const room = width - 1 - spansWidth([...scopes, ...written]);
  const hint: readonly Span[] = draft === '' ? [[fitFacts(filterWords.split(', '), room, ', '), theme.quiet]] : [];
  return spread([' ', ...scopes, ...written, ...hint], draft === '' ? [] : [about], width);
}
