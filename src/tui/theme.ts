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
  readonly pressure: (level: PressureLevel) => Paint;
}

export type ThemeName = 'standard' | 'high-contrast' | 'cockpit';

/** Where no colour is wanted, nothing is painted: every meaning is also a word, a sign or a number. */
export function createTheme(name: ThemeName, colour: boolean): Theme {
  const codes = themes[name];
  const paint = (code: string): Paint =>
    colour && code !== '' ? (text) => (text === '' ? '' : `\u001b[${code}m${text}\u001b[0m`) : (text) => text;
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
    pressure: (level) => ({ normal: good, high: warn, critical: bad })[level],
  };
}

/** SGR codes. The first two use the terminal's own sixteen colours, so that they fit dark and light ones. */
const themes = {
  standard: { strong: '1', quiet: '2', accent: '36', money: '32', good: '32', warn: '33', bad: '31' },
  'high-contrast': { strong: '1', quiet: '', accent: '1;36', money: '1', good: '1;32', warn: '1;33', bad: '1;31' },
  cockpit: {
    strong: '1',
    quiet: '38;2;110;118;129',
    accent: '38;2;88;196;221',
    money: '38;2;126;211;133',
    good: '38;2;126;211;133',
    warn: '38;2;240;190;90',
    bad: '38;2;244;112;103',
  },
} as const satisfies Record<ThemeName, Record<string, string>>;

export const glyphs = {
  selected: '▌',
  live: '●',
  idle: '·',
  rule: '─',
  divider: '│',
  full: '━',
  rest: '─',
  under: '↳',
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
