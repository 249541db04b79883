import { parentPort, workerData } from 'node:worker_threads';
import { createHost } from '../host.ts';
import { loadMembers } from '../members.ts';
import type { Provider } from '../provider.ts';
import type { CollectorOptions } from './collector.ts';
import { runCollector } from './collector-loop.ts';

// The collector's thread: it has its own handle on the store and its own copies of the providers.
const { paths, enabled, overrides, command, env, home, generic }: CollectorOptions = workerData; // handed over by startCollector
const stopping = new AbortController();
parentPort?.on('message', () => stopping.abort());

const all = await loadMembers<Provider>('providers');
await runCollector(
  {
    paths,
    providers: new Map([...all].filter(([id]) => enabled.length === 0 || enabled.includes(id))),
    known: all,
    host: createHost({ home, env, platform: process.platform, generic }),
    overrides,
    command,
    now: Date.now,
    notice: (sentence) => parentPort?.postMessage({ phase: 'reading', message: sentence }),
  },
  { signal: stopping.signal, onState: (state) => parentPort?.postMessage(state) },
);
parentPort?.close();
