import { useRef } from 'react';
import type { Database } from '../../store/driver.ts';
import type { StoreView } from '../../store/feed.ts';

interface Memory<Answer> {
  readonly db: Database;
  readonly version: number;
  readonly key: string;
  readonly answer: Answer;
  readonly askedAt: number;
  readonly tookMs: number;
}

/** A question may take this share of the time at most; a slow one is asked less often, and later frames repeat it. */
const restFactor = 20;

/**
 * The answer to a question to the store: asked when `key` is another, at once, and when the data changed. When asking
 * fails, the last answer stands and the store is opened anew; `nothing` before there was one.
 */
export function useAsk<Answer>(
  store: StoreView,
  key: string,
  question: (db: Database) => Answer,
  nothing: Answer,
): Answer {
  const memory = useRef<Memory<Answer>>(undefined);
  const last = memory.current;
  const isSame = last !== undefined && last.key === key;
  if (isSame && last.db === store.db && last.version === store.version) return last.answer;
  const askedAt = performance.now();
  if (isSame && last.db === store.db && askedAt - last.askedAt < last.tookMs * restFactor) return last.answer;
  try {
    const answer = question(store.db);
    const tookMs = performance.now() - askedAt;
    memory.current = { db: store.db, version: store.version, key, answer, askedAt, tookMs };
    return answer;
  } catch (error) {
    store.failed(error);
    return isSame ? last.answer : nothing;
  }
}
