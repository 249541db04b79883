import { createMemory } from '../report/memory.ts';
import { createTurnMemory } from '../report/turn-memory.ts';
import { createFeed, lookMs, type StoreSource } from '../store/feed.ts';
import type { AnswerSettings, Known, Question } from './question.ts';

/** What the thread that draws says to the one that asks the store. */
export type ToStore =
  | { readonly ask: number; readonly question: string; readonly input: unknown }
  | { readonly look: true }
  | { readonly settings: AnswerSettings }
  | { readonly isTold: boolean }
  | { readonly close: true };

/** Between two looks while it is told of news: others than whoever tells may write, too. */
const toldLookMs = 2_000;

/** What it hears. */
export type FromStore =
  | { readonly state: StoreState }
  | { readonly answered: number; readonly version: number; readonly value: unknown; readonly tookMs: number }
  | { readonly failed: number };

/** The store as the other thread sees it. */
export interface StoreState {
  /** Grows with every change of the data. */
  readonly version: number;
  readonly hasStore: boolean;
  readonly hasSessions: boolean;
  /** Why the store cannot be read, if it cannot. */
  readonly trouble: string | undefined;
}

/** One end of a channel between threads. */
export interface Port {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/** What does not come from what is looked up here. */
type Given = Omit<Known, 'now' | 'remember' | 'turnsOf'>;

export interface AnswerOptions {
  readonly source: StoreSource;
  readonly questions: ReadonlyMap<string, Question<unknown, unknown>>;
  readonly known: Given;
  readonly clock: () => number;
}

/**
 * Follows the store and answers what is asked of it, in the order of asking, until told to close. A question that fails is
 * told as failed, and the store is opened anew.
 */
export function answerQuestions(port: Port, { source, questions, known, clock }: AnswerOptions): void {
  const feed = createFeed(source, { state: { phase: 'watching' } });
  const say = (message: FromStore): void => port.postMessage(message);
  const steady = (): number => performance.now();
  const dataNow = (): number | undefined => feed.state.store?.version;
  const memories = { remember: createMemory(steady, dataNow), turnsOf: createTurnMemory(steady, dataNow) };
  let told: StoreState | undefined;
  let settings: AnswerSettings = known;
  /** Other settings are as good as other data. */
  let edits = 0;

  function look(): void {
    feed.look(clock());
    const { store, hasSessions, trouble } = feed.state;
    const version = (store?.version ?? 0) + edits;
    const state: StoreState = { version, hasStore: store !== undefined, hasSessions, trouble };
    if (told !== undefined && isSame(told, state)) return;
    told = state;
    say({ state });
  }

  function answer(id: number, name: string, input: unknown): void {
    const { store } = feed.state;
    const question = questions.get(name);
    if (question === undefined) throw new Error(`no question ${name}`);
    if (store === undefined) return say({ failed: id });
    const began = performance.now();
    const value = attempt(
      () => question.answer(store.db, input, { ...known, ...memories, ...settings, now: clock() }),
      store.failed,
    );
    if (value !== undefined) {
      return say({ answered: id, version: store.version + edits, value: value.of, tookMs: performance.now() - began });
    }
    say({ failed: id });
    look();
  }

  let timer = setInterval(look, lookMs);
  const hear = (message: unknown): void => {
    const said = message as ToStore; // both ends are ours
    if ('ask' in said) return answer(said.ask, said.question, said.input);
    if ('settings' in said) {
      settings = said.settings;
      edits++;
    }
    if ('isTold' in said) {
      clearInterval(timer);
      timer = setInterval(look, said.isTold ? toldLookMs : lookMs);
    }
    if (!('close' in said)) return look();
    clearInterval(timer);
    port.off('message', hear);
    feed.close();
  };
  port.on('message', hear);
  look();
}

function isSame(one: StoreState, two: StoreState): boolean {
  return (
    one.version === two.version &&
    one.hasStore === two.hasStore &&
    one.hasSessions === two.hasSessions &&
    one.trouble === two.trouble
  );
}

function attempt<T>(work: () => T, failed: (error: unknown) => void): { readonly of: T } | undefined {
  try {
    return { of: work() };
  } catch (error) {
    failed(error);
    return undefined;
  }
}
