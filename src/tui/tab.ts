import type { FunctionComponent } from 'react';
import type { Zone } from '../metrics/calendar.ts';
import type { SessionFacts } from '../store/queries/sessions.ts';
import type { AskScope } from './components/ask.ts';
import type { Keys } from './components/key-bus.ts';
import type { KeyBinding } from './keys.ts';
import type { Size } from './screen.ts';
import type { Theme } from './theme.ts';

/** One screen of the terminal view. It draws what it asks of the store and keeps what was selected; nothing else. */
export interface Tab {
  /** A word or two, for the tab bar. */
  readonly title: string;
  /** The digit that opens it; tabs stand in this order. */
  readonly key: string;
  /** The keys it answers, for its own use, for the footer and for help. None: only those of the frame. */
  readonly keys?: readonly KeyBinding[];
  /** At these sizes of the terminal it stands alone, without the frame around it. Absent: never. */
  readonly isAlone?: (size: Size) => boolean;
  /** It begins with what is amiss, which belongs together with what the frame tells of that: no room between. Default: there is. */
  readonly beginsWithNotices?: boolean;
  readonly Component: FunctionComponent<TabProps>;
}

export interface TabProps {
  /** Columns and rows it has; it draws exactly so many. */
  readonly width: number;
  readonly height: number;
  /** It has the whole terminal: what the frame else tells is for it to tell. */
  readonly isAlone: boolean;
  readonly theme: Theme;
  /** There is at least one session in it. Ask with `useAsk`: it never waits, and repeats a question when the data changed. */
  readonly store: AskScope;
  /** UTC ms; moves on as often as ages are to be refreshed. */
  readonly now: number;
  readonly zone: Zone;
  readonly windowOf: WindowOf;
  readonly given: Given;
  /** What is pressed; hear it with `useKeys` and `useClicks`. */
  readonly keys: Keys;
  /** False while it is hidden, by help or another tab: then keys are not for it. */
  readonly listens: boolean;
  /** Set to true while what is typed is text: then no key but Ctrl-C is for the frame. */
  readonly typing: { current: boolean };
  /** Tells the frame what stands at the right of the footer, and which of the tab's keys it is to hint at now. */
  readonly onStatus: (status: TabStatus) => void;
}

/** What tabs know beside the store; whoever starts the view hands it in. */
export interface Given {
  /** Shown as `~` in paths. */
  readonly home: string;
  readonly settings: Settings;
  /** Writes the files of an agent's preset and gives their paths. @throws with what to tell when it cannot */
  readonly applyPreset: (agent: string, preset: string) => Promise<readonly string[]>;
  /** Alerts, by their ids, are not to be shown until then, UTC ms; undefined: they are. @throws with why that cannot be kept */
  readonly snooze: (ids: readonly string[], until: number | undefined) => Promise<void>;
}

/** The settings as they hold. Texts hold no secrets; they may still hold what a terminal must not get. */
export interface Settings {
  /** The file they are read from; undefined: there is none. */
  readonly file: string | undefined;
  readonly lines: readonly SettingLine[];
  /** Sentences on what is not as it should be. */
  readonly warnings: readonly string[];
}

export interface SettingLine {
  /** `section.key` */
  readonly name: string;
  /** Empty: not set. */
  readonly value: string;
  readonly source: 'option' | 'env' | 'file' | 'default';
}

export interface TabStatus {
  readonly text: string;
  readonly hints: readonly KeyBinding[];
}

/** Size of a session's context window in tokens, and how it is known; undefined when no model has answered yet. */
export type WindowOf = (session: SessionFacts) => { readonly tokens: number; readonly source: string } | undefined;

/** Identity; carries the types. */
export function defineTab(tab: Tab): Tab {
  return tab;
}
