import type { Background, ColourDepth } from './theme.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** How many colours the terminal says it has. */
export function colourDepth(env: Env, wantsColour: boolean): ColourDepth {
  if (!wantsColour) return 'none';
  if (/^(truecolor|24bit)$/i.test(env.COLORTERM ?? '') || env.WT_SESSION !== undefined) return 'any';
  return /256|direct|kitty|alacritty|ghostty|wezterm/.test(env.TERM ?? '') ? '256' : '16';
}

/** The colour behind the text, as COLORFGBG tells it (`15;0`, `0;default;15`); dark where it tells nothing. */
export function terminalBackground(env: Env): Background {
  const last = env.COLORFGBG?.split(';').at(-1) ?? '';
  const colour = /^\d{1,2}$/.test(last) ? Number(last) : 0;
  return colour === 7 || (colour > 8 && colour < 16) ? 'light' : 'dark';
}
