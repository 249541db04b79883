import { useEffect, useReducer } from 'react';
import { actionOf, type KeyBinding } from '../keys.ts';
import type { TabProps } from '../tab.ts';
import { useKeys } from './key-bus.ts';
import { Lines } from './lines.tsx';

/** Keys of every tab that is one page of text. */
export const scrollKeys: readonly KeyBinding[] = [
  { action: 'up', keys: ['up', 'k'], help: 'a line up' },
  { action: 'down', keys: ['down', 'j'], help: 'a line down', hint: 'scroll', hintKeys: '↑↓' },
  { action: 'page-up', keys: ['pageup'], help: 'a page up' },
  { action: 'page-down', keys: ['pagedown', ' '], help: 'a page down' },
  { action: 'first', keys: ['g', 'home'], help: 'to the beginning' },
  { action: 'last', keys: ['G', 'end'], help: 'to the end' },
];

/** One list for ever: hints that are others are told to the frame anew. */
const noKeys: readonly KeyBinding[] = [];

/** Lines of a page, of which as many are drawn as there is room for; keys move it when it is longer. */
export function ScrollPage({
  lines,
  width,
  height,
  keys,
  listens,
  onStatus,
  hints = noKeys,
  status = '',
}: Pick<TabProps, 'width' | 'height' | 'keys' | 'listens' | 'onStatus'> & {
  readonly lines: readonly string[];
  /** Keys of the tab itself that the footer is to name. The same list each time. */
  readonly hints?: readonly KeyBinding[];
  readonly status?: string;
}) {
  const last = Math.max(0, lines.length - height);
  const [scroll, act] = useReducer(
    (before: number, action: string) => scrolled(Math.min(before, last), action, height, last),
    0,
  );
  const from = Math.min(scroll, last);
  useKeys(keys, listens, (name) => {
    const action = actionOf(scrollKeys, name);
    if (action !== undefined) act(action);
  });
  const place = last === 0 ? '' : `${from + 1}–${Math.min(from + height, lines.length)} of ${lines.length}`;
  const text = [status, place].filter((each) => each !== '').join(' · ');
  const isLong = last > 0;
  useEffect(() => {
    onStatus({ text, hints: isLong ? [...hints, ...scrollKeys] : hints });
  }, [onStatus, text, isLong, hints]);
  return <Lines lines={lines.slice(from, from + height)} width={width} height={height} />;
}

function scrolled(from: number, action: string, height: number, last: number): number {
  const page = Math.max(1, height - 1);
  const steps: Readonly<Record<string, number>> = { up: -1, down: 1, 'page-up': -page, 'page-down': page };
  const to = action === 'first' ? 0 : action === 'last' ? last : from + (steps[action] ?? 0);
  return Math.max(0, Math.min(last, to));
}
