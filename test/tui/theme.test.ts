import { describe, expect, test } from 'vitest';
import { colourDepth, terminalBackground } from '../../src/tui/terminal-colours.ts';
import { type Background, type ColourDepth, createTheme, type Theme, type ThemeName } from '../../src/tui/theme.ts';

const names: readonly ThemeName[] = ['standard', 'high-contrast', 'cockpit'];
const backgrounds: readonly Background[] = ['dark', 'light'];

/** What every paint of a theme writes around a letter. */
function codes({ pressure, heat, ...paints }: Theme): readonly string[] {
  const levels = (['normal', 'high', 'critical'] as const).map((level) => pressure(level)('x'));
  return [...Object.values(paints).map((paint) => paint('x')), ...heat.map((paint) => paint('x')), ...levels];
}

describe.each(names.flatMap((name) => backgrounds.map((ground) => [name, ground] as const)))(
  '%s, %s',
  (name, ground) => {
    test('paints nothing where no colour is wanted', () => {
      expect(new Set(codes(createTheme(name, 'none', ground)))).toEqual(new Set(['x']));
    });

    test.each<[ColourDepth, RegExp]>([
      ['16', /^(1|2|3[0-7]|9[0-7])(;(3[0-7]|9[0-7]))?$/],
      ['256', /^(1|2|3[0-7]|9[0-7])(;(3[0-7]|9[0-7]))?$|^38;5;\d+$/],
      ['any', /^(1|2|3[0-7]|9[0-7])(;(3[0-7]|9[0-7]))?$|^38;2;\d+;\d+;\d+$/],
    ])('keeps to what a terminal of %s colours has, and ends what it began', (depth, allowed) => {
      for (const text of codes(createTheme(name, depth, ground))) {
        if (text === 'x') continue;
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
        const [, code = ''] = /^\u001b\[([\d;]+)mx\u001b\[0m$/.exec(text) ?? [];
        expect(code).toMatch(allowed);
      }
    });

    test('tells good, warning and bad apart', () => {
      const theme = createTheme(name, '16', ground);
      expect(new Set([theme.good('x'), theme.warn('x'), theme.bad('x')]).size).toBe(3);
    });
  },
);

/** Relative luminance by WCAG 2. */
function luminance(red: number, green: number, blue: number): number {
  const [r = 0, g = 0, b = 0] = [red, green, blue].map((value) => {
    const share = value / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test.each([
  ['dark', [13, 17, 23]],
  ['light', [255, 255, 255]],
] as const)('every word of the cockpit can be read on a %s ground', (ground, [red, green, blue]) => {
  const behind = luminance(red, green, blue);
  const { quiet, accent, money, good, warn, bad } = createTheme('cockpit', 'any', ground);
  for (const paint of [quiet, accent, money, good, warn, bad]) {
    const [r = 0, g = 0, b = 0] = (/38;2;(\d+);(\d+);(\d+)m/.exec(paint('x')) ?? []).slice(1).map(Number);
    const [low = 0, high = 0] = [luminance(r, g, b), behind].sort((one, two) => one - two);
    expect((high + 0.05) / (low + 0.05)).toBeGreaterThanOrEqual(4);
  }
});

test.each([
  [{}, 'dark'],
  [{ COLORFGBG: '15;0' }, 'dark'],
  [{ COLORFGBG: '0;15' }, 'light'],
  [{ COLORFGBG: '0;default;7' }, 'light'],
  [{ COLORFGBG: '7;8' }, 'dark'],
  [{ COLORFGBG: '0;default' }, 'dark'],
  [{ COLORFGBG: 'CANARY' }, 'dark'],
])('%j has a %s ground', (env, ground) => {
  expect(terminalBackground(env)).toBe(ground);
});

test.each([
  [{ TERM: 'xterm' }, '16'],
  [{ TERM: 'linux' }, '16'],
  [{ TERM: 'xterm-256color' }, '256'],
  [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 'any'],
  [{ TERM: 'screen', COLORTERM: '24bit' }, 'any'],
  [{ WT_SESSION: 'x' }, 'any'],
])('%j has %s colours', (env, depth) => {
  expect(colourDepth(env, true)).toBe(depth);
  expect(colourDepth(env, false)).toBe('none');
});
