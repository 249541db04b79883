import { displayWidth, truncateToWidth } from '../display.ts';

/** Pieces, a space between, in lines of at most `width` columns; a piece longer than that is cut. */
export function wrap(pieces: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces) {
    const longer = line === '' ? piece : `${line} ${piece}`;
    if (line === '' || displayWidth(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = piece;
    }
  }
  return [...lines, line].filter((text) => text !== '').map((text) => truncateToWidth(text, width));
}

/** As many of the facts as fit in `width` columns, from the first on, with dots between; the first is cut if it must. */
export function fitFacts(facts: readonly string[], width: number, between = ' · '): string {
  for (let count = facts.length; count > 1; count -= 1) {
    const text = facts.slice(0, count).join(between);
    if (displayWidth(text) <= width) return text;
  }
  return truncateToWidth(facts[0] ?? '', width);
}
