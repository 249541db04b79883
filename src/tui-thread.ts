import { Worker } from 'node:worker_threads';
import type { Config } from './config/schema.ts';
import { threadFile } from './ingest/thread-file.ts';
import type { StartOfWeek } from './metrics/calendar.ts';
import type { AnswerSettings } from './tui/question.ts';
import type { StoreThread } from './tui/store-link.ts';

/** Plain data, since it goes to another thread. */
export interface TuiThreadOptions {
  readonly paths: { readonly db: string; readonly backups: string };
  readonly overrides: Config['pricing']['overrides'];
  readonly settings: AnswerSettings;
  readonly startOfWeek: StartOfWeek;
  /** As the user named it; undefined: the system's. */
  readonly timezone: string | undefined;
  /** The variable `TZ`, which says what the system's is. */
  readonly tz: string | undefined;
  readonly home: string;
}

/** Starts the thread that answers what the live view asks of the store. */
export function startTuiThread(options: TuiThreadOptions): StoreThread {
  const worker = new Worker(threadFile('tui-worker.js'), {
    workerData: options,
    resourceLimits: { maxYoungGenerationSizeMb: 16 }, // its garbage is short-lived and small
  });
  let error: Error | undefined;
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('error', (thrown: Error) => {
    error = thrown;
  });
  return {
    port: worker,
    onEnd: (listener) => void exited.then(() => listener(error)),
    ended: () => exited,
  };
}
