import { hostname, networkInterfaces } from 'node:os';
import type { StartOfWeek, Zone } from '../metrics/calendar.ts';
import { builtInPrices } from '../metrics/price-snapshot.ts';
import { createPriceBook, type PriceBook } from '../metrics/prices.ts';
import type { SignalModule } from '../metrics/signal.ts';
import type { OptimizerModule } from '../optimizer.ts';
import type { BudgetSettings } from '../report/budget.ts';
import { createGrowthMemory } from '../report/growth-memory.ts';
import type { Tier } from '../report/shown-model.ts';
import type { Database } from '../store/driver.ts';
import { type CollectorState, createFeed, type StoreSource } from '../store/feed.ts';
import type { AccessPolicy } from './access.ts';
import { createAlertFrames } from './alert-frames.ts';
import { createApp } from './app.ts';
import { createAssets } from './assets.ts';
import { createBroadcast } from './broadcast.ts';
import { createClientLimit } from './client-limit.ts';
import { streamEvents } from './event-stream.ts';
import type { RequestRecord } from './listener.ts';
import type { RouteDeps, RouteModule } from './route.ts';
import { createRouteTable } from './route-table.ts';
import type { Secret } from './secret.ts';
import { type RunningServer, startServer } from './server.ts';
import { type Frame, snapshotFrame } from './snapshot.ts';
import { createSockets } from './sockets.ts';
import { createThrottle } from './throttle.ts';

export interface ServeOptions {
  readonly port: number;
  readonly tier: Tier;
  /** On every address of this machine instead of the loopback ones. */
  readonly lan: boolean;
  readonly secret: Secret | undefined;
  readonly allowHosts: readonly string[];
  readonly allowOrigins: readonly string[];
  readonly source: StoreSource;
  readonly collector: { readonly state: CollectorState };
  readonly routes: ReadonlyMap<string, RouteModule>;
  readonly signals: ReadonlyMap<string, SignalModule>;
  readonly optimizers: ReadonlyMap<string, OptimizerModule>;
  readonly bookOf: (db: Database) => PriceBook;
  readonly budget: BudgetSettings;
  readonly zone: Zone;
  readonly startOfWeek: StartOfWeek;
  readonly version: string;
  /** What is shown is made up. */
  readonly isDemo: boolean;
  readonly home: string;
  /** Where the page's files lie. */
  readonly assets: URL;
  /** UTC ms. */
  readonly now: () => number;
  readonly log: (record: RequestRecord) => void;
  readonly onFault: (error: unknown, requestId: string) => void;
}

/** Serves until it is closed. @throws ScopeonError `failure` when the port is taken */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { now, tier } = options;
  const clock = (): number => performance.now();
  const feed = createFeed(options.source, options.collector);
  const startedAt = now();
  const publicBook = createPriceBook(builtInPrices);
  const growth = createGrowthMemory(clock);
  const socketClients = createClientLimit();
  const streamClients = createClientLimit();
  let book: { readonly db: Database; readonly book: PriceBook } | undefined;
  let port = options.port;

  function deps(): RouteDeps | undefined {
    feed.look(clock());
    const view = feed.state.store;
    if (view === undefined) return undefined;
    const { db } = view;
    if (book?.db !== db) book = { db, book: options.bookOf(db) };
    const held = book.book;
    return {
      db,
      dataVersion: view.version,
      tier,
      now: now(),
      zone: options.zone,
      startOfWeek: options.startOfWeek,
      budget: options.budget,
      book: () => held,
      isPublicModel: (model) => publicBook.candidates(model).some((row) => row.source !== 'local model'),
      signals: options.signals,
      growth: (model) => growth(db, model, now()),
      version: options.version,
      routes: options.routes,
      startedAt,
      home: options.home,
      platform: process.platform,
      optimizers: options.optimizers,
      streamClients: () => ({ websocket: socketClients.size, sse: streamClients.size }),
    };
  }

  const alertFrames = createAlertFrames();
  const broadcast = createBroadcast<Frame>({
    failed: (error) => feed.state.store?.failed(error),
    news: () => {
      const known = deps();
      return known === undefined ? [] : alertFrames(known);
    },
    changed: () => feed.look(clock()),
    make: () => {
      const known = deps();
      return known === undefined ? undefined : snapshotFrame(known);
    },
    same: (a, b) =>
      a.type === 'snapshot' && b.type === 'snapshot' && a.snapshot === b.snapshot && a.status === b.status,
    clock,
  });
  const policy: AccessPolicy = {
    tier,
    hosts: allowedHosts(options),
    port: () => port,
    origins: new Set(options.allowOrigins),
    secret: options.secret,
    throttle: createThrottle(clock, options.lan),
  };
  const sockets = createSockets(broadcast, socketClients);
  const health = (): string =>
    JSON.stringify({
      status: isDegraded(options.collector.state, feed.state.trouble) ? 'degraded' : 'ok',
      version: options.version,
      uptime_secs: Math.floor((now() - startedAt) / 1000),
      tier,
      ...(options.isDemo ? { demo: true } : {}),
    });
  const assets = createAssets(options.assets, health);
  const server = await startServer({
    policy,
    table: createRouteTable(options.routes, [
      ...assets.paths.map((path) => ({ path, tier: 0 as const, kind: 'asset' as const })),
      { path: '/sse/v1/status', tier: 1, kind: 'stream' },
      { path: '/ws/v1/metrics', tier: 1, kind: 'socket' },
    ]),
    app: createApp({ routes: options.routes, tier, deps, onFault: options.onFault, clock }),
    stream: (request, response) =>
      streamEvents(request, response, {
        broadcast,
        limit: streamClients,
        once: new URLSearchParams(request.url?.split('?')[1] ?? '').get('once') === '1',
      }),
    asset: assets.answer,
    log: options.log,
    clock,
    addresses: options.lan ? ['0.0.0.0', '::'] : ['127.0.0.1', '::1'],
    port,
    sockets,
  });
  port = server.port;
  return {
    ...server,
    async close() {
      broadcast.close();
      await server.close();
      feed.close();
    },
  };
}

function isDegraded(collector: CollectorState, trouble: string | undefined): boolean {
  return trouble !== undefined || collector.phase === 'failed' || collector.degraded === true;
}

/** Names a request may ask for: this machine's own, and those the user adds. */
function allowedHosts({ lan, allowHosts }: ServeOptions): ReadonlySet<string> {
  const names = new Set(['localhost', '127.0.0.1', '[::1]', ...allowHosts.map((name) => name.toLowerCase())]);
  if (!lan) return names;
  for (const address of Object.values(networkInterfaces()).flatMap((each) => each ?? []))
    names.add(address.family === 'IPv6' ? `[${address.address.split('%')[0]}]` : address.address);
  const own = hostname().toLowerCase();
  return names.add(own).add(`${own}.local`);
}
