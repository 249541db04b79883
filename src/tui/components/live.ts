import { useCallback, useRef, useState } from 'react';

/** A state that several keys in one go can read and change: `current` is always the newest, also before it is drawn. */
export function useLive<T>(initial: T): readonly [current: { readonly current: T }, set: (next: T) => void] {
  const ref = useRef(initial);
  const [, draw] = useState(initial);
  const set = useCallback((next: T): void => {
    ref.current = next;
    draw(() => next);
  }, []);
  return [ref, set];
}
