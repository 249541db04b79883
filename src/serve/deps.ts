import type { StartOfWeek, Zone } from '../metrics/calendar.ts';
import { builtInPrices } from '../metrics/price-snapshot.ts';
import { createPriceBook, type PriceBook } from '../metrics/prices.ts';
import type { SignalModule } from '../metrics/signal.ts';
import type { OptimizerModule } from '../optimizer.ts';
import type { BudgetSettings } from '../report/budget.ts';
import { createGrowthMemory } from '../report/growth-memory.ts';
import type { StreamClients } from '../report/metric-list.ts';
import type { Tier } from '../report/shown-model.ts';
import type { Database } from '../store/driver.ts';
import type { Feed } from '../store/feed.ts';
import type { RouteDeps, RouteModule } from './route.ts';

/** What stays the same for all requests. */
export interface DepsSettings {
  readonly tier: Tier;
  readonly routes: ReadonlyMap<string, RouteModule>;
  readonly signals: ReadonlyMap<string, SignalModule>;
  readonly optimizers: ReadonlyMap<string, OptimizerModule>;
  readonly bookOf: (db: Database) => PriceBook;
  readonly budget: BudgetSettings;
  readonly zone: Zone;
  readonly startOfWeek: StartOfWeek;
  readonly version: string;
  readonly home: string;
  /** UTC ms. */
  readonly now: () => number;
  /** A clock that never goes back, in ms. */
  readonly clock: () => number;
}

/** What routes may use, as the store is at each call; undefined: there is none to answer from. */
export function createDeps(
  settings: DepsSettings,
  feed: Feed,
  streamClients: () => StreamClients,
): () => RouteDeps | undefined {
  const { now, clock } = settings;
  const startedAt = now();
  const publicBook = createPriceBook(builtInPrices);
  const growth = createGrowthMemory(clock);
  let book: { readonly db: Database; readonly book: PriceBook } | undefined;
  return () => {
    feed.look(clock());
    const view = feed.state.store;
    if (view === undefined) return undefined;
    const { db } = view;
    if (book?.db !== db) book = { db, book: settings.bookOf(db) };
    const held = book.book;
    return {
      db,
      dataVersion: view.version,
      tier: settings.tier,
      now: now(),
      zone: settings.zone,
      startOfWeek: settings.startOfWeek,
      budget: settings.budget,
      book: () => held,
      isPublicModel: (model) => publicBook.candidates(model).some((row) => row.source !== 'local model'),
      signals: settings.signals,
      growth: (model) => growth(db, model, now()),
      version: settings.version,
      routes: settings.routes,
      startedAt,
      home: settings.home,
      platform: process.platform,
      optimizers: settings.optimizers,
      streamClients,
    };
  };
}
