import { RouteError } from './route.ts';

/** A request that may take long, as the thread that answers it hears of it. */
export interface AsideRequest {
  /** Path and query. */
  readonly target: string;
  /** The Accept header. */
  readonly accept: string;
  readonly requestId: string;
}

/** The whole answer, an error's too. */
export interface AsideAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: ArrayBuffer;
}

/** A thread that answers one request after the other. It says so when it ends, and answers nothing more then. */
export interface AsideThread {
  ask(request: AsideRequest): Promise<AsideAnswer>;
  close(): Promise<unknown>;
}

/** Has long questions answered while the event loop goes on. */
export interface Aside {
  /** The same question asked twice is answered once. @throws RouteError 503 when too many wait, or the thread ended */
  ask(request: AsideRequest, signal: AbortSignal): Promise<AsideAnswer>;
  close(): Promise<void>;
}

/** Each waits for those before it: a queue longer than this would be answered when nobody waits any more. */
const mostWaiting = 16;
/** A thread takes 30 to 130 MiB, by what it was asked; it ends when nobody asked for so long. */
const idleMs = 5_000;

interface Asked {
  readonly request: AsideRequest;
  readonly listeners: Set<{ done(answer: AsideAnswer): void; fail(error: unknown): void }>;
}

/** `start` is called when something is asked, and again after the thread ended. */
export function createAside(start: () => AsideThread): Aside {
  const waiting: Asked[] = [];
  let working: Asked | undefined;
  let thread: AsideThread | undefined;
  let idle: NodeJS.Timeout | undefined;

  async function work(): Promise<void> {
    clearTimeout(idle);
    for (working = waiting.shift(); working !== undefined; working = waiting.shift()) {
      const { request, listeners } = working;
      try {
        thread ??= start();
        const answer = await thread.ask(request);
        for (const { done } of listeners) done(answer);
      } catch (error) {
        thread = undefined;
        for (const { fail } of listeners) fail(error);
      }
    }
    idle = setTimeout(() => void rest(), idleMs);
    idle.unref();
  }

  async function rest(): Promise<void> {
    const ended = thread;
    thread = undefined;
    await ended?.close();
  }

  return {
    ask(request, signal) {
      return new Promise((done, fail) => {
        const same = [working, ...waiting].find((each) => each !== undefined && isSame(each.request, request));
        if (same === undefined && waiting.length >= mostWaiting) return fail(tooMany());
        const asked = same ?? { request, listeners: new Set() };
        const listener = { done, fail };
        asked.listeners.add(listener);
        // What nobody waits for is not begun; what is begun ends within a second or so.
        const leave = (): void => {
          asked.listeners.delete(listener);
          const place = waiting.indexOf(asked);
          if (asked.listeners.size === 0 && place >= 0) waiting.splice(place, 1);
          fail(signal.reason);
        };
        signal.addEventListener('abort', leave, { once: true });
        if (same !== undefined) return;
        waiting.push(asked);
        if (working === undefined) void work();
      });
    },
    async close() {
      clearTimeout(idle);
      waiting.length = 0;
      await rest();
    },
  };
}

function isSame(one: AsideRequest, other: AsideRequest): boolean {
  return one.target === other.target && one.accept === other.accept;
}

function tooMany(): RouteError {
  return new RouteError(503, 'unavailable', 'Too many reports are asked for at once. Ask again in a few seconds');
}
