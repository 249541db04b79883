import { setTimeout as sleep } from 'node:timers/promises';
import { noteRetry } from '../store/counters.ts';
import { isBusy } from '../store/trouble.ts';

/** How long another program may hold the database before we give up, beyond SQLite's own five seconds an attempt. */
export const patienceMs = 30_000;

/**
 * Tries again while another program holds the database, at intervals that differ from process to process.
 * @throws what the last attempt threw
 */
export async function patiently<T>(
  attempt: () => T | Promise<T>,
  options: { readonly signal?: AbortSignal | undefined; readonly patienceMs?: number | undefined } = {},
): Promise<T> {
  const end = performance.now() + (options.patienceMs ?? patienceMs);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || options.signal?.aborted === true || performance.now() > end) throw error;
      noteRetry();
      await sleep(retryInMs());
    }
  }
}

export function retryInMs(): number {
  return 100 + Math.random() * 400;
}
