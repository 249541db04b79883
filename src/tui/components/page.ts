import type { Palette } from '../../report/palette.ts';
import { wrap } from '../../report/wrap.ts';
import { glyphs, type Paint, type Theme, thinGauge } from '../theme.ts';
import { line, type Span, spansWidth, spread } from './spans.ts';

/** The theme's colours for a page that commands print as well. */
export function paletteOf(theme: Theme): Palette {
  return {
    bold: theme.strong,
    dim: theme.quiet,
    red: theme.bad,
    green: theme.good,
    yellow: theme.warn,
    cyan: theme.accent,
  };
}

/** The lines of a page that commands print, without the empty ones around it. */
export function pageLines(text: string): readonly string[] {
  const lines = text.split('\n');
  const first = lines.findIndex((each) => each !== '');
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex((each) => each !== '') + 1);
}

/** Sections with an empty line between those that have any. */
export function stacked(sections: readonly (readonly string[])[]): readonly string[] {
  return sections.filter((lines) => lines.length > 0).flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]));
}

/** Columns of lines with rules between; each but the last is exactly as wide as said. */
export function beside(
  columns: readonly { readonly lines: readonly string[]; readonly width: number }[],
  height: number,
  theme: Theme,
): readonly string[] {
  const divider = ` ${theme.quiet(glyphs.divider)} `;
  const rows = Math.max(height, ...columns.map(({ lines }) => lines.length));
  return Array.from({ length: rows }, (_, row) => {
    const texts = columns.map(({ lines, width }) => lines[row] || ' '.repeat(width));
    return ` ${texts.join(divider)}`;
  });
}

/** What stands at the right goes where both have no room. */
export function heading(name: string, right: string, width: number, theme: Theme): string {
  const fits = right !== '' && spansWidth([name, right]) + 1 <= width;
  return spread([[name, theme.strong]], fits ? [[right, theme.quiet]] : [], width);
}

export interface Meter {
  readonly label: string;
  /** 0–100 and beyond. */
  readonly pct: number;
  /** What stands behind the bar. */
  readonly words: string;
  readonly paint: Paint;
}

/** `Today   ━━━━━━─────  $3.10 of $5.00`: bars of one length below one another. */
export function meterLines(meters: readonly Meter[], width: number, theme: Theme): readonly string[] {
  const labels = Math.min(Math.floor(width / 3), Math.max(7, ...meters.map((meter) => meter.label.length)) + 2);
  const words = Math.min(Math.floor(width / 2), Math.max(...meters.map((meter) => meter.words.length)));
  const room = Math.max(4, Math.min(48, width - labels - words - 2));
  const isNarrow = width < labels + room + words + 2; // then what is said has the room of the bar
  return meters.map((meter) => {
    if (isNarrow) return line([line([[meter.label, theme.plain]], labels), [meter.words, meter.paint]], width);
    const [filled, rest] = thinGauge(meter.pct, room);
    const text: readonly Span[] = [[filled, meter.paint], [rest, theme.quiet], '  ', [meter.words, meter.paint]];
    return line([line([[meter.label, theme.plain]], labels), ...text], width);
  });
}

/** Words in lines of at most `width` columns, behind a sign of one column and a space. */
export function marked(sign: Span, words: string, width: number): readonly string[] {
  return wrap(words.split(' '), Math.max(8, width - 2)).map((text, at) =>
    line([at === 0 ? sign : ' ', ' ', text], width),
  );
}

export function severitySign(severity: 'info' | 'warning' | 'critical', theme: Theme): Span {
  return (
    { info: ['·', theme.quiet], warning: ['!', theme.warn], critical: ['‼', theme.bad] } as const satisfies Record<
      string,
      Span
    >
  )[severity];
}

/** Green up to 80 %, then yellow, red from 95 % on. */
export function usedPaint(pct: number, theme: Theme): Paint {
  return pct >= 95 ? theme.bad : pct >= 80 ? theme.warn : theme.good;
}

/** Red below 50, yellow below 80. */
export function scorePaint(score: number, theme: Theme): Paint {
  return score >= 80 ? theme.good : score >= 50 ? theme.warn : theme.bad;
}
