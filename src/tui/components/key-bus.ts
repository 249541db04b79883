import { useEffect, useRef } from 'react';

/** Where on a screen, from its top left, 0 each. */
export interface Point {
  readonly column: number;
  readonly row: number;
}

/** What is pressed while a screen is the open one, in order; the frame keeps what is its own. */
export interface Keys {
  onKey(listener: (name: string) => void): () => void;
  onClick(listener: (at: Point) => void): () => void;
}

export interface KeyBus extends Keys {
  press(name: string): void;
  click(at: Point): void;
}

export function createKeyBus(): KeyBus {
  const keys = new Set<(name: string) => void>();
  const clicks = new Set<(at: Point) => void>();
  const joined = <T>(all: Set<(said: T) => void>, listener: (said: T) => void): (() => void) => {
    all.add(listener);
    return () => void all.delete(listener);
  };
  return {
    onKey: (listener) => joined(keys, listener),
    onClick: (listener) => joined(clicks, listener),
    press(name) {
      for (const listener of keys) listener(name);
    },
    click(at) {
      for (const listener of clicks) listener(at);
    },
  };
}

/** Calls `onKey`, always the one of the last drawing, while `listens`. */
export function useKeys(keys: Keys, listens: boolean, onKey: (name: string) => void): void {
  const latest = useRef(onKey);
  latest.current = onKey;
  useEffect(() => (listens ? keys.onKey((name) => latest.current(name)) : undefined), [keys, listens]);
}

/** The same for clicks. */
export function useClicks(keys: Keys, listens: boolean, onClick: (at: Point) => void): void {
  const latest = useRef(onClick);
  latest.current = onClick;
  useEffect(() => (listens ? keys.onClick((at) => latest.current(at)) : undefined), [keys, listens]);
}
