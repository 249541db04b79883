import { Worker } from 'node:worker_threads';
import type { Host } from '../provider.ts';
import type { Notice } from '../store/open.ts';
import type { CollectorState } from './collector-loop.ts';
import type { IngestSettings } from './settings.ts';
import { threadFile } from './thread-file.ts';

/** The reading of logs in a thread of its own, for programs that stay: it ingests, or stands by while another does. */
export interface Collector {
  readonly state: CollectorState;
  onChange(listener: (state: CollectorState) => void): () => void;
  /** Called when there is something new in the store, of the logs or an alert, that this process wrote while watching. */
  onNews(listener: () => void): () => void;
  /** Ends after the batch in hand, at most after this many ms (five seconds); what it had in hand is read again then. */
  stop(withinMs?: number): Promise<void>;
}

/** Plain data, since it goes to another thread. */
export interface CollectorOptions {
  readonly paths: IngestSettings['paths'];
  /** Ids of the providers to read; none named: all. */
  readonly enabled: readonly string[];
  readonly overrides: IngestSettings['overrides'];
  /** What the user typed, to tell others who is ingesting. */
  readonly command: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly generic: Host['generic'];
}

/** What its thread says. */
export type FromCollector = CollectorState | { readonly notice: string } | { readonly isNew: true };

const stopWithinMs = 5_000;

/**
 * Starts the thread; returns at once. Its troubles show in the state, they never throw here. `notice`: hears what the user
 * should be told, such as that the database was rebuilt.
 */
export function startCollector(options: CollectorOptions, notice: Notice): Collector {
  const listeners = new Set<(state: CollectorState) => void>();
  const newsListeners = new Set<() => void>();
  let state: CollectorState = { phase: 'starting' };
  let ended = false;
  const set = (next: CollectorState): void => {
    state = next;
    for (const listener of listeners) listener(next);
  };
  const worker = new Worker(threadFile('collector-worker.js'), { workerData: { ...options, env: { ...options.env } } });
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      ended = true;
      resolve();
    });
  });
  worker.on('message', (said: FromCollector) => {
    if ('notice' in said) notice(said.notice);
    else if ('isNew' in said) for (const listener of newsListeners) listener();
    else set(said);
  });
  worker.on('error', (error) => set({ phase: 'failed', message: error.message }));
  return {
    get state() {
      return state;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onNews(listener) {
      newsListeners.add(listener);
      return () => void newsListeners.delete(listener);
    },
    async stop(withinMs = stopWithinMs) {
      if (ended) return;
      worker.postMessage('stop');
      const late = setTimeout(() => void worker.terminate(), withinMs);
      await exited;
      clearTimeout(late);
    },
  };
}
