import { displayWidth } from '../src/display.ts';

/** What a terminal shows: its sixteen colours, its own two, and how wide it is. */
export interface Look {
  readonly columns: number;
  readonly foreground: string;
  readonly background: string;
  readonly colours: readonly string[];
}

export const darkLook: Omit<Look, 'columns'> = {
  foreground: '#d6dbe3',
  background: '#12161d',
  colours: [
    ...['#2a313c', '#f0716b', '#7fd28a', '#e8bf63', '#78a9f5', '#cf93e6', '#5cc8d8', '#c3cad5'],
    ...['#5d6879', '#ff8f88', '#9be8a4', '#ffd987', '#9dc2ff', '#e3b3f5', '#83e2f0', '#ffffff'],
  ],
};

export const lightLook: Omit<Look, 'columns'> = {
  foreground: '#24292f',
  background: '#ffffff',
  colours: [
    ...['#24292f', '#b3261e', '#1a7f37', '#8a5a00', '#0a55c4', '#8250df', '#0f6f80', '#6e7781'],
    ...['#57606a', '#cf222e', '#2da44e', '#b47c00', '#2171e0', '#a475f9', '#1b8a9e', '#8c959f'],
  ],
};

interface Style {
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly reverse?: boolean;
  readonly foreground?: string | undefined;
  readonly background?: string | undefined;
}

/** A page that shows lines with SGR codes, such as `tmux capture-pane -e -p` prints them, as a terminal would. */
export function ansiPage(text: string, look: Look): string {
  const lines = text.replace(/\n$/, '').split('\n');
  let style: Style = {};
  const rows = lines.map((line) => {
    let row = '';
    // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
    for (const part of line.split(/(\u001b\[[\d;:]*m)/)) {
      if (part.startsWith('\u001b')) style = restyled(style, part.slice(2, -1), look.colours);
      else if (part !== '') row += `<span style="${css(style, look)}">${cells(part)}</span>`;
    }
    return `<div>${row}</div>`;
  });
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: ${look.background}; color: ${look.foreground}; }
#screen { display: inline-block; padding: 10px 12px; width: ${look.columns}ch; font: 14px/16px 'DejaVu Sans Mono', monospace; }
#screen div { height: 16px; white-space: pre; }
.wide { display: inline-block; width: 2ch; overflow: hidden; vertical-align: top; }
</style><div id="screen">${rows.join('')}</div>`;
}

/** Characters of two columns stand in boxes of two columns, whatever font they come from. */
function cells(text: string): string {
  const graphemes = [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)].map(
    (each) => each.segment,
  );
  return graphemes
    .map((each) => (displayWidth(each) === 2 ? `<span class="wide">${escaped(each)}</span>` : escaped(each)))
    .join('');
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function css(style: Style, look: Look): string {
  const own = style.foreground ?? look.foreground;
  const behind = style.background ?? look.background;
  const [ink, paper] = style.reverse === true ? [behind, own] : [own, behind];
  return [
    `color:${ink}`,
    ...(paper === look.background ? [] : [`background:${paper}`]),
    ...(style.bold === true ? ['font-weight:bold'] : []),
    ...(style.dim === true ? ['opacity:.58'] : []),
  ].join(';');
}

function restyled(before: Style, codes: string, colours: readonly string[]): Style {
  let style = before;
  const numbers = codes.split(/[;:]/).map(Number);
  for (let at = 0; at < numbers.length; at++) {
    const code = numbers[at] ?? 0;
    if (code === 0) style = {};
    else if (code === 1) style = { ...style, bold: true };
    else if (code === 2) style = { ...style, dim: true };
    else if (code === 7) style = { ...style, reverse: true };
    else if (code === 22) style = { ...style, bold: false, dim: false };
    else if (code === 27) style = { ...style, reverse: false };
    else if (code === 39) style = { ...style, foreground: undefined };
    else if (code === 49) style = { ...style, background: undefined };
    else if (code === 38 || code === 48) {
      const [colour, taken] = longColour(numbers.slice(at + 1), colours);
      style = code === 38 ? { ...style, foreground: colour } : { ...style, background: colour };
      at += taken;
    } else {
      const place = [30, 40, 82, 92].find((from) => code >= from && code < from + 8);
      if (place === undefined || (place > 50 && code < 90)) continue;
      const colour = colours[code >= 90 ? (code % 10) + 8 : code % 10];
      const isBackground = (code >= 40 && code < 48) || code >= 100;
      style = isBackground ? { ...style, background: colour } : { ...style, foreground: colour };
    }
  }
  return style;
}

/** The colour behind 38 or 48: `5;n` or `2;r;g;b`, and how many numbers it took. */
function longColour(rest: readonly number[], colours: readonly string[]): readonly [string | undefined, number] {
  const [kind, first = 0, second = 0, third = 0] = rest;
  if (kind === 2) return [`rgb(${first},${second},${third})`, 4];
  if (first < 16) return [colours[first], 2];
  if (first >= 232) return [`rgb(${[8, 8, 8].map((base) => base + (first - 232) * 10).join()})`, 2];
  const steps = [0, 95, 135, 175, 215, 255];
  const cube = first - 16;
  return [`rgb(${[Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((step) => steps[step]).join()})`, 2];
}
