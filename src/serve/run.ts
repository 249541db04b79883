import { hostname, networkInterfaces } from 'node:os';
import { type CollectorState, createFeed, type StoreSource } from '../store/feed.ts';
import type { AccessPolicy } from './access.ts';
import { createAlertFrames } from './alert-frames.ts';
import { createApp } from './app.ts';
import { type AsideThread, createAside } from './aside.ts';
import { createAssets } from './assets.ts';
import { createBroadcast } from './broadcast.ts';
import { createClientLimit } from './client-limit.ts';
import { createDeps, type DepsSettings } from './deps.ts';
import { streamEvents } from './event-stream.ts';
import type { RequestRecord } from './listener.ts';
import { createRouteTable } from './route-table.ts';
import type { Secret } from './secret.ts';
import { type RunningServer, startServer } from './server.ts';
import { type Frame, snapshotFrame } from './snapshot.ts';
import { createSockets } from './sockets.ts';
import { createThrottle } from './throttle.ts';

export interface ServeOptions extends Omit<DepsSettings, 'clock'> {
  readonly port: number;
  /** On every address of this machine instead of the loopback ones. */
  readonly lan: boolean;
  readonly secret: Secret | undefined;
  readonly allowHosts: readonly string[];
  readonly allowOrigins: readonly string[];
  readonly source: StoreSource;
  readonly collector: { readonly state: CollectorState };
  /** Starts what answers long questions. */
  readonly startThread: () => AsideThread;
  /** What is shown is made up. */
  readonly isDemo: boolean;
  /** Where the page's files lie. */
  readonly assets: URL;
  readonly log: (record: RequestRecord) => void;
  readonly onFault: (error: unknown, requestId: string) => void;
}

/** Serves until it is closed. @throws ScopeonError `failure` when the port is taken */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { now, tier } = options;
  const clock = (): number => performance.now();
  const feed = createFeed(options.source, options.collector);
  const startedAt = now();
  const socketClients = createClientLimit();
  const streamClients = createClientLimit();
  let port = options.port;
  const deps = createDeps({ ...options, clock }, feed, () => ({
    websocket: socketClients.size,
    sse: streamClients.size,
  }));
  const aside = createAside(options.startThread);
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
    app: createApp({ routes: options.routes, tier, deps, aside, onFault: options.onFault, clock }),
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
      await aside.close();
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
