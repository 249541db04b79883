import type { FunctionComponent } from 'react';
import type { Zone } from '../metrics/calendar.ts';
import type { StoreView } from '../store/feed.ts';
import type { SessionFacts } from '../store/queries/sessions.ts';
import type { KeyBinding } from './keys.ts';
import type { Theme } from './theme.ts';

/** One screen of the terminal view. It draws what it asks of the store and keeps what was selected; nothing else. */
export interface Tab {
  /** A word or two, for the tab bar. */
  readonly title: string;
  /** The digit that opens it; tabs stand in this order. */
  readonly key: string;
  /** The keys it answers, for its own use, for the footer and for help. None: only those of the frame. */
  readonly keys?: readonly KeyBinding[];
  readonly Component: FunctionComponent<TabProps>;
}

export interface TabProps {
  /** Columns and rows it has; it draws exactly so many. */
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
  /** Open, with at least one session in it. Ask with `useAsk`, which repeats a question only when the data changed. */
  readonly store: StoreView;
  /** UTC ms; moves on as often as ages are to be refreshed. */
  readonly now: number;
  readonly zone: Zone;
  readonly windowOf: WindowOf;
  /** False while help lies over it: then keys are not for it. */
  readonly listens: boolean;
  /** Tells the frame what stands at the right of the footer, and which of the tab's keys it is to hint at now. */
  readonly onStatus: (status: TabStatus) => void;
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
