import { displaySafe } from '../../display.ts';
import { fitFacts } from '../../report/wrap.ts';
import type { KeyBinding } from '../keys.ts';
import type { Theme } from '../theme.ts';
import { glyphs } from '../theme.ts';
import { line, type Span, spread } from './spans.ts';

/** Something that can be done now. */
export interface Command {
  /** Whose it is: a tab's title, or the frame's. */
  readonly of: string;
  readonly title: string;
  /** The key that does the same; empty: none. */
  readonly key: string;
  readonly run: () => void;
}

export interface PaletteState {
  readonly query: string;
  readonly index: number;
}

export const openPalette: PaletteState = { query: '', index: 0 };

/** What the footer hints at while it is open: every other key is a letter of what is looked for. */
export const paletteKeys: readonly KeyBinding[] = [
  { action: 'choose', keys: ['up', 'down'], help: 'one up or down', hint: 'choose', hintKeys: '↑↓' },
  { action: 'run', keys: ['return'], help: 'do it', hint: 'do it' },
  { action: 'close', keys: ['escape', 'ctrl+p'], help: 'close', hint: 'close' },
];

/** What a key makes of it: another state, the command to run, or undefined: closed. */
export function pressInPalette(
  state: PaletteState,
  name: string,
  commands: readonly Command[],
): PaletteState | Command | undefined {
  const found = matching(commands, state.query);
  const last = Math.max(0, found.length - 1);
  switch (name) {
    case 'escape':
    case 'ctrl+p':
      return undefined;
    case 'return':
      return found[Math.min(state.index, last)] ?? state;
    case 'up':
      return { ...state, index: Math.max(0, Math.min(state.index, last) - 1) };
    case 'down':
      return { ...state, index: Math.min(last, state.index + 1) };
    case 'backspace':
      return { query: [...state.query].slice(0, -1).join(''), index: 0 };
    default:
      return [...name].length === 1 ? { query: state.query + name, index: 0 } : state;
  }
}

/** Commands that have every word of the query, best first: as a word's beginning, within a word, as letters in their order. */
function matching(commands: readonly Command[], query: string): readonly Command[] {
  const words = query
    .toLowerCase()
    .split(' ')
    .filter((word) => word !== '');
  return commands
    .flatMap((command) => {
      const text = `${command.title} ${command.of} ${command.key}`.toLowerCase();
      const ranks = words.map((word) => rank(text, word));
      if (ranks.includes(undefined)) return [];
      return [{ command, rank: ranks.reduce<number>((sum, each) => sum + (each ?? 0), 0) }];
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ command }) => command);
}

/** Lower is better; undefined: not there. */
function rank(text: string, word: string): number | undefined {
  const at = text.indexOf(word);
  if (at >= 0) {
    const isStart = text.startsWith(word) || text.includes(` ${word}`);
    return (isStart ? 0 : 200) + Math.min(at, 100);
  }
  let from = -1;
  let first = -1;
  for (const letter of word) {
    from = text.indexOf(letter, from + 1);
    if (from < 0) return undefined;
    if (first < 0) first = from;
  }
  return 400 + (from - first);
}

const hints = ['what to do: type a few letters', 'Enter does it', 'Esc leaves'];

/** The query and as many of what it finds as there is room for. */
export function paletteLines(
  { query, index }: PaletteState,
  commands: readonly Command[],
  { width, height, theme }: { readonly width: number; readonly height: number; readonly theme: Theme },
): readonly string[] {
  const room = Math.min(width - 2, 76);
  const found = matching(commands, query);
  const at = Math.min(index, Math.max(0, found.length - 1));
  const isLow = height < 6; // then what is found has the room of the empty lines
  const rows = Math.max(1, height - (isLow ? 1 : 3));
  const from = Math.max(0, Math.min(at - Math.floor(rows / 2), found.length - rows));
  const titles = found.slice(from, from + rows).map((command, row): string => {
    const isAt = from + row === at;
    const left: readonly Span[] = [
      isAt ? [`${glyphs.selected} `, theme.accent] : '  ',
      [command.title, isAt ? theme.strong : theme.plain],
      [`  ${command.of}`, theme.quiet],
    ];
    return ` ${spread(left, command.key === '' ? [] : [[command.key, theme.accent]], room)}`;
  });
  const hint = query === '' ? fitFacts(hints, room - 3, ', ') : '';
  const gap = isLow ? [] : [''];
  return [
    ...gap,
    ` ${line([['> ', theme.accent], displaySafe(query, 64), '▏', [hint, theme.quiet]], room)}`,
    ...gap,
    ...(titles.length === 0 ? [` ${line([['  nothing of that name', theme.quiet]], room)}`] : titles),
  ];
}
