import type { FromStore, Port, StoreState, ToStore } from './answers.ts';
import type { AnswerSettings } from './question.ts';

/** The thread that asks the store, as the one that draws knows it. */
export interface StoreLink {
  readonly state: LinkState;
  /** Called with every new state. */
  onState(listener: () => void): () => void;
  /** `done` is called once: with the answer, or with undefined when there is none. */
  ask(question: string, input: unknown, done: (reply: Reply | undefined) => void): void;
  /** Looks for news now, not with the next tick. */
  look(): void;
  /** Whether somebody says when there is news, and `look` is called then: the store is looked at more seldom meanwhile. */
  expectNews(isTold: boolean): void;
  /** From now on answers go by these; what was asked is asked anew. */
  settle(settings: AnswerSettings): void;
  close(): Promise<void>;
}

export interface LinkState extends StoreState {
  /** The store was looked at; before, nothing is known of it. */
  readonly isKnown: boolean;
}

export interface Reply {
  /** Of the data it was read from. */
  readonly version: number;
  readonly value: unknown;
  /** How long the store took. */
  readonly tookMs: number;
}

/** A running thread that answers questions. */
export interface StoreThread {
  readonly port: Port;
  /** Called when it ended without being asked to. */
  onEnd(listener: (error: Error | undefined) => void): void;
  /** Resolves when it has ended; it is told to close before. */
  ended(): Promise<unknown>;
}

const restartMs = 1_000;

/** Starts the thread, and again when it dies: what is on the screen stays, and why is told in `trouble`. */
export function createStoreLink(start: () => StoreThread): StoreLink {
  const listeners = new Set<() => void>();
  const waiting = new Map<number, (reply: Reply | undefined) => void>();
  let state: LinkState = { isKnown: false, version: 0, hasStore: false, hasSessions: false, trouble: undefined };
  let asked = 0;
  /** A new thread counts from the beginning; to the screens it is news all the same. */
  let versionsBefore = 0;
  let isTold = false;
  let isClosed = false;
  let restart: NodeJS.Timeout | undefined;
  let thread = begin();

  function begin(): StoreThread {
    const started = start();
    started.port.on('message', (message) => hear(message as FromStore)); // both ends are ours
    if (isTold) started.port.postMessage({ isTold } satisfies ToStore);
    started.onEnd((error) => {
      if (isClosed || started !== thread) return;
      versionsBefore = state.version;
      for (const done of waiting.values()) done(undefined);
      waiting.clear();
      set({ ...state, trouble: error?.message ?? 'the thread that reads it ended' });
      restart = setTimeout(() => {
        thread = begin();
      }, restartMs);
    });
    return started;
  }

  function set(next: LinkState): void {
    state = next;
    for (const listener of listeners) listener();
  }

  function hear(said: FromStore): void {
    if ('state' in said) {
      return set({ ...said.state, version: versionsBefore + said.state.version, isKnown: true });
    }
    const id = 'failed' in said ? said.failed : said.answered;
    const done = waiting.get(id);
    waiting.delete(id);
    done?.('failed' in said ? undefined : { ...said, version: versionsBefore + said.version });
  }

  const say = (message: ToStore): void => thread.port.postMessage(message);
  return {
    get state() {
      return state;
    },
    onState(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ask(question, input, done) {
      waiting.set(++asked, done);
      say({ ask: asked, question, input });
    },
    look: () => say({ look: true }),
    expectNews(next) {
      if (next === isTold) return;
      isTold = next;
      say({ isTold });
    },
    settle: (settings) => say({ settings }),
    async close() {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(restart);
      say({ close: true });
      await thread.ended();
    },
  };
}
