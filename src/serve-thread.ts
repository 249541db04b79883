import { Worker } from 'node:worker_threads';
import type { Config } from './config/schema.ts';
import { threadFile } from './ingest/thread-file.ts';
import type { Tier } from './report/shown-model.ts';
import type { AsideAnswer, AsideThread } from './serve/aside.ts';

/** Plain data, since it goes to another thread. */
export interface ServeThreadOptions {
  readonly paths: { readonly db: string; readonly backups: string };
  readonly overrides: Config['pricing']['overrides'];
  readonly budget: Config['budget'];
  readonly tier: Tier;
  /** As the user named it; undefined: the system's. */
  readonly timezone: string | undefined;
  /** The variable `TZ`, which says what the system's is. */
  readonly tz: string | undefined;
  readonly version: string;
  readonly home: string;
}

/** What the thread says: an answer, or an error of ours on the way to one. */
export type FromServeThread =
  | { readonly answer: AsideAnswer }
  | { readonly fault: { readonly stack: string; readonly requestId: string } };

/** Starts the thread that answers long questions. `onFault`: hears the errors of ours that became an answer of 500. */
export function startServeThread(
  options: ServeThreadOptions,
  onFault: (error: unknown, requestId: string) => void,
): AsideThread {
  const worker = new Worker(threadFile('serve-worker.js'), {
    workerData: options,
    resourceLimits: { maxOldGenerationSizeMb: 512 }, // a report that took more would end the thread, not the server
  });
  let waiting: { done(answer: AsideAnswer): void; fail(error: Error): void } | undefined;
  let ended: Error | undefined;
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('error', (error) => {
    ended = error;
  });
  void exited.then(() => {
    ended ??= new Error('the thread that answers long questions ended');
    waiting?.fail(ended);
  });
  worker.on('message', (said: FromServeThread) => {
    if ('fault' in said) return onFault(said.fault.stack, said.fault.requestId);
    waiting?.done(said.answer);
    waiting = undefined;
  });
  return {
    ask: (request) =>
      new Promise((done, fail) => {
        if (ended !== undefined) return fail(ended);
        waiting = { done, fail };
        worker.postMessage(request);
      }),
    close() {
      worker.postMessage('close');
      return exited;
    },
  };
}
