/** When to draw. Nobody is made to wait for what a key asked for; everything else shares a few frames a second. */
export interface Frames {
  /** With the next turn of the event loop. */
  now(): void;
  /** When it is time again: at most one frame in 250 ms, and not before `inMs`. */
  soon(inMs?: number): void;
  stop(): void;
}

/** Nothing is drawn more often than this without a key. */
const frameMs = 250;

export function createFrames(draw: () => void): Frames {
  let drawnAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;

  function stop(): void {
    clearTimeout(timer);
    clearImmediate(immediate);
    timer = undefined;
    immediate = undefined;
  }

  function frame(): void {
    stop();
    drawnAt = performance.now();
    draw();
  }

  return {
    now() {
      immediate ??= setImmediate(frame);
    },
    soon(inMs = 0) {
      timer ??= setTimeout(frame, Math.max(inMs, drawnAt + frameMs - performance.now()));
    },
    stop,
  };
}
