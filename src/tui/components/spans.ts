import { displayWidth, truncateToWidth } from '../../display.ts';
import type { Paint } from '../theme.ts';

/** Text with its colour. The text is safe to print: what came from a log went through `displaySafe`. */
export type Span = string | readonly [text: string, paint: Paint];

/** Spans behind one another in exactly `width` columns: what is too long is cut with `…`, what is short is filled. */
export function line(spans: readonly Span[], width: number): string {
  const isLong = spansWidth(spans) > width;
  let room = Math.max(0, width);
  let text = '';
  for (const span of spans) {
    const [words, paint] = typeof span === 'string' ? [span, undefined] : span;
    const taken = displayWidth(words);
    // One that fits to the last column, with more behind it, must end in the sign as well.
    const cut = taken > room || (isLong && taken === room) ? truncateToWidth(`${words}…`, room) : words;
    room -= displayWidth(cut);
    text += paint === undefined ? cut : paint(cut);
    if (room === 0) break;
  }
  return text + ' '.repeat(room);
}

/** `left` from the left and `right` up to the right edge. Where both do not fit, the left is cut. */
export function spread(left: readonly Span[], right: readonly Span[], width: number): string {
  const taken = spansWidth(right);
  if (taken === 0 || taken + 2 > width) return line(left, width);
  return `${line(left, width - taken - 1)} ${line(right, taken)}`;
}

export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + displayWidth(typeof span === 'string' ? span : span[0]), 0);
}
