import { readdirSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { loadConfig } from '../config.ts';
import { loadMembers } from '../members.ts';
import type { Provider } from '../provider.ts';
import type { CollectorOptions } from './collector.ts';
import { runCollector } from './collector-loop.ts';

// The collector's thread: everything it needs it works out itself from environment and home.
const options: CollectorOptions = workerData; // handed over by startCollector
const stopping = new AbortController();
parentPort?.on('message', () => stopping.abort());

const { config, paths } = await loadConfig({ env: options.env, home: options.home, platform: process.platform });
const all = await loadMembers<Provider>('providers');
const enabled = config.providers.enabled;
await runCollector(
  {
    paths,
    providers: new Map([...all].filter(([id]) => enabled.length === 0 || enabled.includes(id))),
    host: {
      home: options.home,
      env: options.env,
      platform: process.platform,
      list: (directory) => {
        try {
          return readdirSync(directory);
        } catch {
          return [];
        }
      },
    },
    overrides: config.pricing.overrides,
    command: options.command,
    now: Date.now,
    notice: (sentence) => parentPort?.postMessage({ phase: 'reading', message: sentence }),
  },
  { signal: stopping.signal, onState: (state) => parentPort?.postMessage(state) },
);
parentPort?.close();
