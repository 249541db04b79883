import { useEffect, useRef } from 'react';
import type { Question } from '../question.ts';
import type { Reply, StoreLink } from '../store-link.ts';
import type { Frames } from './frames.ts';

/** What a screen asks through. While it is not active nothing is asked; what was answered is kept. */
export interface AskScope {
  isActive: boolean;
  add(): Asked;
}

export interface Asker {
  scope(): AskScope;
  close(): void;
}

/** One place where a screen asks. */
interface Asked {
  /** What is wanted now; returns what may be shown for it. */
  want(wish: Wish): { readonly value: unknown } | undefined;
  remove(): void;
}

interface Wish {
  readonly question: string;
  readonly input: unknown;
  /** Question and input: another one wants another answer. */
  readonly key: string;
  /** Another one wants the answer anew. */
  readonly since: string;
}

interface Got extends Reply, Pick<Wish, 'key' | 'since'> {
  readonly askedAt: number;
}

/** So many times as long as its answer took a question rests when time alone went on. */
const timeRest = 200;
const mostTimeRestMs = 60_000;
/**
 * How long a question rests when data are new: news come in a stream while somebody works, and twice a second is enough
 * for whoever looks. A dear one rests longer, but what is new is to be seen within two seconds as long as the store is quick;
 * and never for long, whatever held one answer up.
 */
export function newsRestMs(tookMs: number): number {
  return Math.min(Math.max(500, Math.min(tookMs * 50, 1_000), tookMs * 20), 10_000);
}
/** So long the answer to another question stands, that nothing flickers; then rather nothing than the wrong thing. */
const staleMs = 200;
/** So long a frame waits for answers that were asked for together. */
const togetherMs = 100;

/** Repeats what the screens ask whenever the data changed, and has it drawn when the answers are there. */
export function createAsker(link: StoreLink, frames: Frames): Asker {
  const places = new Set<{ consider(): void }>();
  let outstanding = 0;
  const stopListening = link.onState(() => {
    for (const place of places) place.consider();
  });

  function add(scope: AskScope): Asked {
    let wish: Wish | undefined;
    let wishedAt = 0;
    let got: Got | undefined;
    let isWaiting = false;
    let failedAt = -1;
    let later: NodeJS.Timeout | undefined;
    const isAnswered = (): boolean => got !== undefined && got.key === wish?.key;

    /** Asks if there is something to ask, and it is time to. */
    function consider(): void {
      const { version, hasStore } = link.state;
      if (wish === undefined || isWaiting || !scope.isActive || !hasStore || failedAt === version) return;
      if (got !== undefined && isAnswered()) {
        const isNews = got.version !== version;
        if (!isNews && got.since === wish.since) return;
        const restMs =
          got.askedAt +
          (isNews ? newsRestMs(got.tookMs) : Math.min(got.tookMs * timeRest, mostTimeRestMs)) -
          performance.now();
        if (restMs > 0) return wait(restMs);
      }
      ask(wish);
    }

    function ask(asked: Wish): void {
      const askedAt = performance.now();
      const isPrompted = !isAnswered();
      isWaiting = true;
      outstanding++;
      link.ask(asked.question, asked.input, (reply) => {
        isWaiting = false;
        outstanding--;
        if (reply === undefined) failedAt = link.state.version;
        else {
          failedAt = -1;
          got = { ...reply, key: asked.key, since: asked.since, askedAt };
        }
        consider();
        if (isPrompted) frames.now();
        else frames.soon(outstanding === 0 ? 0 : togetherMs);
      });
    }

    function wait(ms: number): void {
      clearTimeout(later);
      later = setTimeout(consider, ms);
    }

    const place = {
      consider,
      want(next: Wish) {
        if (wish?.key !== next.key) {
          wishedAt = performance.now();
          failedAt = -1;
        }
        wish = next;
        consider();
        if (isAnswered()) return got;
        const restMs = wishedAt + staleMs - performance.now();
        if (got === undefined || restMs <= 0) return undefined;
        setTimeout(() => {
          if (!isAnswered()) frames.now();
        }, restMs);
        return got;
      },
      remove() {
        clearTimeout(later);
        places.delete(place);
        wish = undefined;
      },
    };
    places.add(place);
    return place;
  }

  return {
    scope() {
      const scope: AskScope = { isActive: true, add: () => add(scope) };
      return scope;
    },
    close: stopListening,
  };
}

/**
 * The answer to a question: asked when input or `since` are others, and when the data changed. Drawing never waits for it:
 * until it is there, the last answer stands, for a moment also that to another input; `nothing` before there was one.
 */
export function useAsk<Input, Answer>(
  store: AskScope,
  question: Question<Input, Answer>,
  input: Input,
  nothing: Answer,
  since = '',
): Answer {
  const place = useRef<Asked>(undefined);
  place.current ??= store.add();
  useEffect(
    () => () => {
      place.current?.remove();
      place.current = undefined;
    },
    [],
  );
  const key = `${question.name} ${JSON.stringify(input)}`;
  const found = place.current.want({ question: question.name, input, key, since });
  return found === undefined ? nothing : (found.value as Answer); // what the question of this name gave
}
