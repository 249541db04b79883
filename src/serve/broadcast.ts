/** One frame for everybody who listens: made once per change, and not at all while nobody does. */
export interface Broadcast<Frame> {
  /** Hears the present frame at once and each later one. Returns how to stop. */
  listen(listener: (frame: Frame) => void): () => void;
  readonly listeners: number;
  close(): void;
}

export interface BroadcastOptions<Frame> {
  /** Looks whether anything changed; costs microseconds when nothing did. */
  readonly changed: () => boolean;
  /** Undefined: there is nothing to tell now. */
  readonly make: () => Frame | undefined;
  /** Frames of their own that came since the last time of asking, sent before the next one. Default: none. */
  readonly news?: () => readonly Frame[];
  /** Takes the failure of a question. */
  readonly failed: (error: unknown) => void;
  /** A clock that never goes back, in ms. */
  readonly clock: () => number;
  /** Do the two tell the same? The later one is then not sent: not every change of the store is one of its figures. */
  readonly same: (a: Frame, b: Frame) => boolean;
  /** How often to look; also the least time between two frames. Default: 250 ms. */
  readonly lookMs?: number;
  /** A frame is sent this long after the last one even when nothing changed: days end by themselves. Default: 30 s. */
  readonly heartbeatMs?: number;
}

export function createBroadcast<Frame>(options: BroadcastOptions<Frame>): Broadcast<Frame> {
  const { changed, make, same, failed, clock, news = () => [], lookMs = 250, heartbeatMs = 30_000 } = options;
  const listeners = new Set<(frame: Frame) => void>();
  let timer: NodeJS.Timeout | undefined;
  let owed = false;
  let last: { readonly frame: Frame; readonly at: number } | undefined;

  function fresh(): Frame | undefined {
    const frame = make();
    last = frame === undefined ? undefined : { frame, at: clock() };
    return frame;
  }

  function tick(): void {
    const isDue = last === undefined || clock() - last.at >= heartbeatMs;
    const isOwed = owed;
    const hasChanged = changed() || isOwed;
    owed = false;
    if (!hasChanged && !isDue) return;
    if (hasChanged) send(news());
    const before = last?.frame;
    const sentAt = last?.at;
    const frame = fresh();
    if (frame === undefined) return;
    if (!isDue && !isOwed && before !== undefined && sentAt !== undefined && same(before, frame)) {
      last = { frame, at: sentAt };
      return;
    }
    send([frame]);
  }

  /** A question that fails tells so, and is asked again at the next look. */
  function quietly(work: () => void): void {
    try {
      work();
    } catch (error) {
      failed(error);
    }
  }

  function send(frames: readonly Frame[]): void {
    for (const frame of frames) for (const listener of [...listeners]) listener(frame);
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
    last = undefined;
  }

  return {
    get listeners() {
      return listeners.size;
    },
    listen(listener) {
      if (listeners.size === 0) news(); // what came while nobody listened is no news
      listeners.add(listener);
      timer ??= setInterval(() => quietly(tick), lookMs);
      // What another listener was told a moment ago still holds.
      const isNew = changed();
      owed ||= isNew && listeners.size > 1; // the others hear of it at the next look
      const frame = last === undefined || isNew ? fresh() : last.frame;
      if (frame !== undefined) listener(frame);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) stop();
      };
    },
    close() {
      listeners.clear();
      stop();
    },
  };
}
