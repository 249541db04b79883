import { displaySafe } from '../../display.ts';
import { countOf } from '../../report/format.ts';
import type { Theme } from '../theme.ts';
import { marked } from './page.ts';
import { line, type Span } from './spans.ts';

/** What a first start offers, as far as this scopeon has it. */
export interface Offer {
  /** To be typed in a shell, or to be written in a file. */
  readonly line: string;
  readonly gives: string;
}

/** An agent whose logs were found. */
export interface FoundAgent {
  readonly title: string;
  readonly sessions: number;
  readonly turns: number;
}

/** Shown once, before anything else: what was found here, and what else there is. */
export function welcomeLines(
  { agents, offers }: { readonly agents: readonly FoundAgent[] | undefined; readonly offers: readonly Offer[] },
  { width, height, theme }: { readonly width: number; readonly height: number; readonly theme: Theme },
): readonly string[] {
  const room = Math.min(width - 2, 84);
  const names = Math.max(0, ...(agents ?? []).map((agent) => agent.title.length)) + 2;
  const found: readonly string[] =
    agents === undefined
      ? [line([['Looking for the logs of your agents …', theme.quiet]], room)]
      : agents.length === 0
        ? marked(
            '·',
            'No agent has left logs here yet. They show up by themselves; scopeon demo shows made-up ones.',
            room,
          )
        : agents.map(({ title, sessions, turns }) => {
            const figures =
              turns === 0 ? 'nothing read yet' : `${countOf(sessions, 'session')}, ${countOf(turns, 'turn')}`;
            return line(['  ', [displaySafe(title).padEnd(names), theme.strong], [figures, theme.quiet]], room);
          });
  const rows: readonly string[] = [
    line([['Welcome to scopeon', theme.strong]], room),
    ...marked(
      ' ',
      'It reads the logs your agents leave on this disk, here and nowhere else. Nothing leaves this machine.',
      room,
    ),
    '',
    line([['Found', theme.strong]], room),
    ...found,
    '',
    ...(offers.length === 0 ? [] : [line([['When you like', theme.strong]], room)]),
    ...offers.flatMap((offer): readonly string[] => [
      line(['  ', [offer.line, theme.accent]], room),
      ...marked(' ', offer.gives, room - 4).map((text) => `    ${theme.quiet(text.slice(2))}`),
    ]),
  ];
  const go: readonly Span[] = [
    ['Enter', theme.accent],
    [' goes on; this page is not shown again', theme.quiet],
  ];
  return ['', ...rows.slice(0, Math.max(1, height - 3)), '', line(go, room)].map((text) => ` ${text}`);
}
