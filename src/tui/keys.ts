import type { Key } from 'ink';

/** What a key does. The table of these is what answers keys, what the footer hints at and what help prints. */
export interface KeyBinding {
  readonly action: string;
  /** Names as `keyName` gives them. */
  readonly keys: readonly string[];
  /** What it does, in a few words, for help. */
  readonly help: string;
  /** A word for the footer; absent: not shown there. */
  readonly hint?: string;
  /** Keys as the footer names them, where one hint stands for several bindings. Default: the first key. */
  readonly hintKeys?: string;
}

/** Keys of the frame, whatever the tab. */
export const frameKeys: readonly KeyBinding[] = [
  { action: 'help', keys: ['?'], help: 'show or hide this help', hint: 'help' },
  { action: 'palette', keys: ['ctrl+p'], help: 'find anything that can be done', hint: 'all', hintKeys: '^P' },
  { action: 'zen', keys: ['z'], help: 'one quiet line; again or Esc leaves' },
  { action: 'copy', keys: ['c'], help: 'copy how things stand, as Markdown' },
  { action: 'snooze', keys: ['x'], help: 'silence the alerts for an hour' },
  { action: 'unsnooze', keys: ['X'], help: 'show the silent ones again' },
  { action: 'redraw', keys: ['r', 'ctrl+l'], help: 'look and draw everything anew' },
  { action: 'suspend', keys: ['ctrl+z'], help: 'to the shell; fg returns' },
  { action: 'quit', keys: ['q', 'ctrl+c'], help: 'quit', hint: 'quit' },
];

/** Keys that only matter where there is more than one tab; digits come with the tabs. */
export const tabKeys: readonly KeyBinding[] = [
  { action: 'next-tab', keys: ['tab'], help: 'next tab', hint: 'tabs' },
  { action: 'previous-tab', keys: ['shift+tab'], help: 'previous tab' },
];

/** The action of a key in a table; undefined when it has none. */
export function actionOf(table: readonly KeyBinding[], name: string): string | undefined {
  return table.find((binding) => binding.keys.includes(name))?.action;
}

/** Names of what was pressed, in order: several characters come at once when keys are held or text is pasted. */
export function keyNames(input: string, key: Key): readonly string[] {
  for (const [flag, name] of special) if (key[flag]) return [name === 'tab' && key.shift ? 'shift+tab' : name];
  if (key.ctrl) return [`ctrl+${input}`];
  if (key.meta || mousePress(input) !== undefined) return [];
  return [...input].map((each) => controls.get(each) ?? each);
}

/** Keys that come as one character, for when several are pressed in one go. */
const controls: ReadonlyMap<string, string> = new Map([
  ...Array.from({ length: 26 }, (_, at) => {
    const letter = String.fromCharCode(97 + at);
    return [String.fromCharCode(at + 1), `ctrl+${letter}`] as const;
  }),
  ['\t', 'tab'],
  ['\r', 'return'],
  ['\b', 'backspace'],
  ['\u007f', 'backspace'],
]);

export interface MousePress {
  readonly kind: 'click' | 'wheel-up' | 'wheel-down' | 'other';
  /** From 0. */
  readonly column: number;
  readonly row: number;
}

/** What the mouse did, as terminals tell it (SGR); undefined: that was no mouse. */
export function mousePress(input: string): MousePress | undefined {
  const [, button, column, row, end] = /^\[<(\d+);(\d+);(\d+)([Mm])$/.exec(input) ?? [];
  if (button === undefined) return undefined;
  const kind = (end === 'M' && buttons.get(Number(button) & ~modifiers)) || 'other';
  return { kind, column: Number(column) - 1, row: Number(row) - 1 };
}

/** Shift, Alt and Ctrl. */
const modifiers = 0b11100;
const buttons: ReadonlyMap<number, MousePress['kind']> = new Map([
  [0, 'click'],
  [64, 'wheel-up'],
  [65, 'wheel-down'],
]);

const special = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'return'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'], // what many terminals send for the key above Enter
] as const satisfies readonly (readonly [keyof Key, string])[];

/** A binding's keys as they stand on a keyboard: `↑ k`. */
export function keyLabel(binding: KeyBinding, most = Number.POSITIVE_INFINITY): string {
  return binding.keys
    .slice(0, most)
    .map((name) => labels.get(name) ?? name)
    .join(' ');
}

const labels: ReadonlyMap<string, string> = new Map([
  ['up', '↑'],
  ['down', '↓'],
  ['left', '←'],
  ['right', '→'],
  ['pageup', 'PgUp'],
  ['pagedown', 'PgDn'],
  ['home', 'Home'],
  ['end', 'End'],
  ['return', 'Enter'],
  ['escape', 'Esc'],
  ['tab', 'Tab'],
  ['shift+tab', 'Shift-Tab'],
  ['ctrl+c', 'Ctrl-C'],
  ['ctrl+l', 'Ctrl-L'],
  ['ctrl+z', 'Ctrl-Z'],
  ['ctrl+p', 'Ctrl-P'],
  [' ', 'Space'],
]);
