import type { AnswerSettings } from './question.ts';
import type { Settings } from './tab.ts';
import type { Background, ThemeName } from './theme.ts';

/** What the view does by the settings. */
export interface Look {
  readonly theme: ThemeName;
  readonly background: Background;
  /** Clicks and the wheel are ours, and selecting text takes Shift. */
  readonly mouse: boolean;
  /** How often ages are refreshed, ms. */
  readonly refreshMs: number;
  readonly shown: Settings;
  readonly answers: AnswerSettings;
  /** What is wrong with them since they were edited, while what held before still does; undefined: nothing. */
  readonly trouble: string | undefined;
}

/** The settings as they stand. */
export interface SettingsView {
  /** Another object after every change. */
  readonly look: Look;
  onChange(listener: () => void): () => void;
}
