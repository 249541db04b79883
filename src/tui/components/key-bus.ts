import { useLayoutEffect, useRef } from 'react';

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
  /** From now on keys wait for whoever listens next: the screen that is about to be the open one. */
  hold(): void;
  press(name: string): void;
  click(at: Point): void;
}

/** A screen that comes no sooner has no use for them. */
const heldMs = 1_000;

export function createKeyBus(): KeyBus {
  const keys = new Set<(name: string) => void>();
  const clicks = new Set<(at: Point) => void>();
  let held: { readonly since: number; readonly names: string[] } | undefined;
  const joined = <T>(all: Set<(said: T) => void>, listener: (said: T) => void): (() => void) => {
    all.add(listener);
    return () => void all.delete(listener);
  };
  return {
    onKey(listener) {
      const names = held !== undefined && performance.now() - held.since < heldMs ? held.names : [];
      held = undefined;
      const stop = joined(keys, listener);
      for (const name of names) listener(name);
      return stop;
    },
    onClick: (listener) => joined(clicks, listener),
    hold() {
      held = { since: performance.now(), names: [] };
    },
    press(name) {
      if (held !== undefined && performance.now() - held.since < heldMs) held.names.push(name);
      else for (const listener of keys) listener(name);
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
  useLayoutEffect(() => (listens ? keys.onKey((name) => latest.current(name)) : undefined), [keys, listens]);
}

/** The same for clicks. */
export function useClicks(keys: Keys, listens: boolean, onClick: (at: Point) => void): void {
  const latest = useRef(onClick);
  latest.current = onClick;
  useLayoutEffect(() => (listens ? keys.onClick((at) => latest.current(at)) : undefined), [keys, listens]);
}
