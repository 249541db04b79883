import { parentPort, workerData } from 'node:worker_threads';
import { type CollectorThread, createCollectorAlerts } from './collector-alerts.ts';
import { createHost } from './host.ts';
import type { CollectorOptions, FromCollector } from './ingest/collector.ts';
import { runCollector } from './ingest/collector-loop.ts';
import { loadProviders } from './ingest/load-providers.ts';

// The collector's thread: it has its own handle on the store and its own copies of the providers.
const options: CollectorOptions = workerData; // handed over by startCollector
const { paths, enabled, overrides, command, env, home, generic } = options;
const stopping = new AbortController();
parentPort?.on('message', () => stopping.abort());
const say = (said: FromCollector): void => parentPort?.postMessage(said);

const thread: CollectorThread = {
  env,
  home,
  notice: (sentence) => say({ notice: sentence }),
};
const all = await loadProviders();
const alerts = await createCollectorAlerts(thread);
await runCollector(
  {
    paths,
    providers: new Map([...all].filter(([id]) => enabled.length === 0 || enabled.includes(id))),
    known: all,
    host: createHost({ home, env, platform: process.platform, generic }),
    overrides,
    command,
    now: Date.now,
    notice: thread.notice,
  },
  {
    signal: stopping.signal,
    onState: say,
    onLook: (db, isNew) => {
      const hasTold = alerts.look(db, isNew);
      if (isNew || hasTold) say({ isNew: true });
    },
    onEnd: alerts.settle,
  },
);
parentPort?.close();
