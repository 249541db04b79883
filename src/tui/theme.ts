import type { PressureLevel } from '../metrics/context-pressure.ts';

export type Paint = (text: string) => string;

/** Every colour of the terminal view by what it means. Painted text is only put together, never measured. */
export interface Theme {
  readonly plain: Paint;
  readonly strong: Paint;
  /** What is there but need not be read. */
  readonly quiet: Paint;
  /** Where you are. */
  readonly accent: Paint;
  readonly money: Paint;
  readonly good: Paint;
  readonly warn: Paint;
  readonly bad: Paint;
  /** For days without anything, then for little to much. */
  readonly heat: readonly Paint[];
  readonly pressure: (level: PressureLevel) => Paint;
}

export const themeNames = ['standard', 'high-contrast', 'cockpit'] as const;
export type ThemeName = (typeof themeNames)[number];
export type Background = 'dark' | 'light';

/** What a terminal can show: nothing but text, its own sixteen colours, a fixed 256, or any. */
export type ColourDepth = 'none' | '16' | '256' | 'any';

/** Where no colour is wanted, nothing is painted: every meaning is also a word, a sign or a number. */
export function createTheme(name: ThemeName, depth: ColourDepth, background: Background = 'dark'): Theme {
  const codes = codesOf(name, depth, background);
  const paint = (code: string): Paint =>
    depth !== 'none' && code !== '' ? (text) => (text === '' ? '' : `\u001b[${code}m${text}\u001b[0m`) : (text) => text;
  const [good, warn, bad] = [paint(codes.good), paint(codes.warn), paint(codes.bad)];
  return {
    plain: (text) => text,
    strong: paint(codes.strong),
    quiet: paint(codes.quiet),
    accent: paint(codes.accent),
    money: paint(codes.money),
    good,
    warn,
    bad,
    heat: codes.heat.map(paint),
    pressure: (level) => ({ normal: good, high: warn, critical: bad })[level],
  };
}

/** SGR codes. */
interface Codes {
  readonly strong: string;
  readonly quiet: string;
  readonly accent: string;
  readonly money: string;
  readonly good: string;
  readonly warn: string;
  readonly bad: string;
  /** Nothing, then little to much. */
  readonly heat: readonly [string, string, string, string, string];
}

/** A theme of colours the terminal does not have falls back to the sixteen. */
function codesOf(name: ThemeName, depth: ColourDepth, background: Background): Codes {
  if (name !== 'cockpit') return sixteen[name][background];
  if (depth === 'any') return cockpit[background];
  return depth === '256' ? cockpit256[background] : sixteen.standard[background];
}

/** The terminal's own sixteen colours. On a light ground yellow cannot be read: there, magenta warns. */
const sixteen = {
  standard: {
    dark: {
      ...{ strong: '1', quiet: '2', accent: '36', money: '32', good: '32', warn: '33', bad: '31' },
      heat: ['2', '2;36', '36', '36', '1;36'],
    },
    light: {
      ...{ strong: '1', quiet: '2', accent: '34', money: '32', good: '32', warn: '35', bad: '31' },
      heat: ['2', '2;34', '34', '34', '1;34'],
    },
  },
  'high-contrast': {
    dark: {
      ...{ strong: '1;97', quiet: '', accent: '1;96', money: '1', good: '1;92', warn: '1;93', bad: '1;91' },
      heat: ['', '96', '96', '1;96', '1;96'],
    },
    light: {
      ...{ strong: '1;30', quiet: '', accent: '1;34', money: '1', good: '1;32', warn: '1;35', bad: '1;31' },
      heat: ['', '34', '34', '1;34', '1;34'],
    },
  },
} as const satisfies Record<Exclude<ThemeName, 'cockpit'>, Record<Background, Codes>>;

const rgb = (red: number, green: number, blue: number): string => `38;2;${red};${green};${blue}`;

const cockpit: Readonly<Record<Background, Codes>> = {
  dark: {
    ...{ strong: '1', quiet: rgb(110, 118, 129), accent: rgb(88, 196, 221), money: rgb(126, 211, 133) },
    ...{ good: rgb(126, 211, 133), warn: rgb(240, 190, 90), bad: rgb(244, 112, 103) },
    heat: [rgb(72, 79, 88), rgb(24, 84, 104), rgb(35, 124, 148), rgb(56, 163, 190), rgb(118, 221, 243)],
  },
  light: {
    ...{ strong: '1', quiet: rgb(110, 119, 129), accent: rgb(9, 105, 140), money: rgb(26, 127, 55) },
    ...{ good: rgb(26, 127, 55), warn: rgb(154, 86, 0), bad: rgb(196, 36, 40) },
    heat: [rgb(190, 197, 205), rgb(140, 200, 220), rgb(74, 158, 186), rgb(24, 116, 148), rgb(4, 72, 98)],
  },
};

/** The nearest of the 256. */
const cockpit256: Readonly<Record<Background, Codes>> = {
  dark: {
    ...{ strong: '1', quiet: '38;5;243', accent: '38;5;80', money: '38;5;114', good: '38;5;114', warn: '38;5;215' },
    ...{ bad: '38;5;203', heat: ['38;5;239', '38;5;23', '38;5;30', '38;5;38', '38;5;123'] },
  },
  light: {
    ...{ strong: '1', quiet: '38;5;243', accent: '38;5;24', money: '38;5;28', good: '38;5;28', warn: '38;5;94' },
    ...{ bad: '38;5;160', heat: ['38;5;250', '38;5;116', '38;5;73', '38;5;31', '38;5;23'] },
  },
};

export const glyphs = {
  selected: '▌',
  live: '●',
  idle: '·',
  rule: '─',
  divider: '│',
  full: '━',
  rest: '─',
  under: '↳',
  /** By how much a day has: told apart without colour, too. */
  heat: ['·', '░', '▒', '▓', '█'],
} as const;

/** A thin bar of `width` columns for a share in percent, its filled and its empty part. */
export function thinGauge(pct: number, width: number): readonly [filled: string, rest: string] {
  const share = Math.min(1, Math.max(0, pct / 100));
  const columns = share > 0 ? Math.min(width, Math.max(1, Math.round(share * width))) : 0;
  return [glyphs.full.repeat(columns), glyphs.rest.repeat(width - columns)];
}

/** The last values as a line of blocks, at most `width` of them, from 0 to `top`. */
export function sparkline(values: readonly number[], width: number, top: number): string {
  return values
    .slice(-width)
    .map((value) => '▁▂▃▄▅▆▇█'[Math.min(7, Math.max(0, Math.floor((value / Math.max(top, 1)) * 8)))] ?? ' ')
    .join('');
}
