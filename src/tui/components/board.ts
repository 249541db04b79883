import type { DOMElement } from 'ink';
import { createContext } from 'react';
import { displayWidth } from '../../display.ts';

/** Painted lines, as many as it is high. */
export interface Piece {
  readonly lines: readonly string[];
  readonly height: number;
}

/**
 * Puts the frame together from pieces. ink says where each of them stands; the text itself it is not given, because it
 * would look at every character of every frame.
 */
export interface Board {
  put(node: DOMElement, piece: Piece): void;
  remove(node: DOMElement): void;
}

export const BoardContext = createContext<Board | undefined>(undefined);

/** So often a frame waits for pieces that ink has not placed. */
const patience = 5;

/** `paint` gets whole frames, each once everything of it is in its place. */
export function createBoard(paint: (lines: readonly string[]) => void): Board {
  const pieces = new Map<DOMElement, Piece>();
  let isDue = false;
  function changed(): void {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => draw(patience));
  }
  /** What has just come may not have its place yet: then the frame waits a moment, but never for ever. */
  function draw(tries: number): void {
    const placed = placedOf(pieces);
    const known = placed.filter(({ left, top }) => Number.isFinite(left + top));
    if (known.length < placed.length && tries > 0) {
      setImmediate(() => draw(tries - 1));
      return;
    }
    isDue = false;
    paint(frameOf(known));
  }
  return {
    put(node, piece) {
      pieces.set(node, piece);
      changed();
    },
    remove(node) {
      if (pieces.delete(node)) changed();
    },
  };
}

interface Placed extends Piece {
  readonly left: number;
  readonly top: number;
}

function placedOf(pieces: ReadonlyMap<DOMElement, Piece>): readonly Placed[] {
  return [...pieces].flatMap(([node, piece]): readonly Placed[] => {
    const place = placeOf(node);
    return place === undefined ? [] : [{ ...piece, ...place }];
  });
}

function frameOf(pieces: readonly Placed[]): readonly string[] {
  const placed = [...pieces].sort((a, b) => a.left - b.left);
  const height = Math.max(0, ...placed.map((piece) => piece.top + piece.height));
  const rows = new Array<string>(height).fill('');
  for (const { left, top, height: own, lines } of placed) {
    for (let at = 0; at < own; at++) {
      const before = rows[top + at] ?? '';
      const line = lines[at] ?? '';
      if (line !== '') rows[top + at] = before + ' '.repeat(Math.max(0, left - paintedWidth(before))) + line;
    }
  }
  return rows.map((row) => row.trimEnd());
}

/** On the whole screen; undefined: it is hidden. */
function placeOf(node: DOMElement): { readonly left: number; readonly top: number } | undefined {
  const place = { left: 0, top: 0 };
  for (let at: DOMElement | undefined = node; at !== undefined; at = at.parentNode) {
    if (at.style.display === 'none') return undefined;
    place.left += at.yogaNode?.getComputedLeft() ?? 0;
    place.top += at.yogaNode?.getComputedTop() ?? 0;
  }
  return place;
}

function paintedWidth(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
  return displayWidth(text.replace(/\u001b\[[0-9;]*m/g, ''));
}
