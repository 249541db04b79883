import { join } from 'node:path';
import { createHost } from '../../src/host.ts';
import { runCollector } from '../../src/ingest/collector-loop.ts';
import { loadMembers } from '../../src/members.ts';
import type { Provider } from '../../src/provider.ts';

// A collector as a process of its own, so that it can be given less than a test may have: reads the logs below a home
// into a store, prints its states as JSON lines, and ends when it is told to.
const [home = '', store = '', retryMs = ''] = process.argv.slice(2);
const stopping = new AbortController();
process.on('SIGTERM', () => stopping.abort());
const print = (fact: unknown): void => void process.stdout.write(`${JSON.stringify(fact)}\n`);

process.umask(0o077);
await runCollector(
  {
    paths: { db: join(store, 'scopeon.db'), backups: join(store, 'backups'), hmacKey: join(store, 'hmac.key') },
    providers: new Map([...(await loadMembers<Provider>('providers'))].filter(([id]) => id === 'claude-code')),
    host: createHost({ home, env: {}, platform: process.platform }),
    overrides: {},
    command: 'test',
    now: Date.now,
    notice: (notice) => print({ notice }),
  },
  { signal: stopping.signal, onState: print, retryMs: Number(retryMs) },
);
