import { parentPort, workerData } from 'node:worker_threads';
import { readPriceBook } from './ingest/pricing.ts';
import { loadMembers } from './members.ts';
import { parseZone, systemZone } from './metrics/calendar.ts';
import { createApp } from './serve/app.ts';
import type { AsideRequest } from './serve/aside.ts';
import { createDeps } from './serve/deps.ts';
import type { RouteModule } from './serve/route.ts';
import type { FromServeThread, ServeThreadOptions } from './serve-thread.ts';
import { createFeed } from './store/feed.ts';
import { openReader } from './store/open.ts';
import { fileIdentity } from './store-source.ts';
import { systemZoneName } from './system-zone.ts';

// The server's thread for long questions: the same routes over a read-only handle of its own.
const options: ServeThreadOptions = workerData; // handed over by startServeThread
const { paths, overrides, budget, tier, timezone, tz, version, home } = options;
const port = parentPort;
const clock = (): number => performance.now();
const all = await loadMembers<RouteModule>('serve/routes');
const routes = new Map([...all].filter(([, route]) => route.isLong === true));
const source = { open: () => openReader(paths), identity: () => fileIdentity(paths.db) };
const feed = createFeed(source, { state: { phase: 'watching' } });
const deps = createDeps(
  {
    tier,
    routes,
    signals: new Map(), // of these a report tells nothing
    optimizers: new Map(),
    bookOf: (db) => readPriceBook(db, overrides),
    budget,
    zone: timezone === undefined ? systemZone(systemZoneName(tz)) : parseZone(timezone),
    startOfWeek: 'monday',
    version,
    home,
    now: Date.now,
    clock,
  },
  feed,
  () => ({ websocket: 0, sse: 0 }),
);
const say = (message: FromServeThread, moved: readonly ArrayBuffer[] = []): void => port?.postMessage(message, moved);
const onFault = (error: unknown, requestId: string): void =>
  say({ fault: { stack: error instanceof Error ? (error.stack ?? error.message) : String(error), requestId } });
const app = createApp({ routes, tier, deps, onFault, clock });

port?.on('message', (said: AsideRequest | 'close') => {
  if (said !== 'close') return void answer(said);
  feed.close();
  port.close();
});

async function answer({ target, accept, requestId }: AsideRequest): Promise<void> {
  const response = await app.request(target, { headers: { accept, 'x-request-id': requestId } });
  const body = await response.arrayBuffer();
  say({ answer: { status: response.status, contentType: response.headers.get('content-type') ?? '', body } }, [body]);
}
