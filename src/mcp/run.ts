import { builtInPrices } from '../metrics/price-snapshot.ts';
import { createPriceBook } from '../metrics/prices.ts';
import { createGrowthMemory } from '../report/growth-memory.ts';
import { type CollectorState, createFeed, lookMs, type StoreSource } from '../store/feed.ts';
import { ambientStatus } from './ambient.ts';
import { type BackendOptions, createBackend, type ToolBackend } from './backend.ts';
import { projectOf } from './current.ts';
import type { ProtocolServer } from './protocol.ts';
import { createAlertPush } from './push.ts';
import type { CurrentSession } from './tool.ts';

export interface RunOptions extends Omit<BackendOptions, 'db' | 'isPublicModel' | 'growth' | 'ready' | 'onFault'> {
  readonly source: StoreSource;
  readonly collector: {
    readonly state: CollectorState;
    onChange(listener: (state: CollectorState) => void): () => void;
  };
  readonly server: Pick<ProtocolServer, 'notify' | 'log' | 'resourceUpdated'>;
  /** After a failed look at the store; once for each sentence. */
  readonly onTrouble: (sentence: string) => void;
}

/** A first answer waits this long for the logs to be looked at. */
const waitMs = 3_000;
const ambientMs = 30_000;
/** Between two tellings that a resource changed. */
const updateMs = 1_000;

/** Follows the store, answers tools from it, and tells the client what changes. */
export function runBackend(options: RunOptions): ToolBackend & { close(): void } {
  const { server, now } = options;
  const clock = (): number => performance.now();
  const feed = createFeed(options.source, options.collector);
  const publicBook = createPriceBook(builtInPrices);
  const growth = createGrowthMemory(clock);
  const caughtUp = untilCaughtUp(options.collector);
  const backend = createBackend({
    ...options,
    db: () => {
      feed.look(clock());
      return feed.state.store?.db;
    },
    isPublicModel: (model) => publicBook.candidates(model).some((row) => row.source !== 'local model'),
    growth,
    ready: () => caughtUp,
    onFault: (error) => {
      feed.state.store?.failed(error);
      options.onTrouble(error instanceof Error ? error.message : String(error));
    },
  });
  const push = createAlertPush(server, now);
  let seen = -1;
  let updatedAt = Number.NEGATIVE_INFINITY;
  let ambientAt = clock();
  let trouble = '';

  function look(): void {
    feed.look(clock());
    const { store } = feed.state;
    if (feed.state.trouble !== undefined && feed.state.trouble !== trouble) {
      trouble = feed.state.trouble;
      options.onTrouble(trouble);
    }
    if (store === undefined) return;
    const isDue = clock() - ambientAt >= ambientMs;
    const isNews = store.version !== seen && clock() - updatedAt >= updateMs;
    if (!isDue && !isNews) return;
    const deps = backend.deps();
    if (deps === undefined) return;
    if (isNews) {
      seen = store.version;
      updatedAt = clock();
      push.look(deps.db, { project: projectOf(deps.db, options.client()), sessionRowId: ownSession(deps.current) });
      for (const uri of backend.subscriptions) server.resourceUpdated(uri);
    }
    if (isDue) {
      ambientAt = clock();
      const status = ownSession(deps.current) === undefined ? undefined : ambientStatus(deps);
      if (status !== undefined) server.notify('notifications/scopeon/status', status);
    }
  }

  function tick(): void {
    try {
      look();
    } catch (error) {
      feed.state.store?.failed(error);
    }
  }

  const timer = setInterval(tick, lookMs);
  return {
    ...backend,
    close() {
      clearInterval(timer);
      feed.close();
    },
  };
}

/** A session that is the client's by what it told; the newest of the machine may be anybody's. */
function ownSession(current: CurrentSession | undefined): number | undefined {
  return current === undefined || current.matched === 'machine' ? undefined : current.rowId;
}

/** Resolves when the logs have been looked at, or it takes too long: then what is stored is what is told. */
function untilCaughtUp(collector: RunOptions['collector']): Promise<void> {
  const isDone = ({ phase }: CollectorState): boolean =>
    phase === 'watching' || phase === 'standby' || phase === 'failed';
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(late);
      stop();
      resolve();
    };
    const late = setTimeout(() => done(), waitMs);
    const stop = collector.onChange((state) => {
      if (isDone(state)) done();
    });
    if (isDone(collector.state)) done();
  });
}
