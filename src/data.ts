import type { CollectorAlerts } from './collector-alerts.ts';
import type { CommandContext } from './command.ts';
import type { LoadedConfig } from './config.ts';
import { displaySafe } from './display.ts';
import { ScopeonError } from './errors.ts';
import { createHost } from './host.ts';
import { catchUp } from './ingest/catch-up.ts';
import type { RootReport } from './ingest/discover.ts';
import { guardSettings } from './ingest/guard.ts';
import { loadProviders } from './ingest/load-providers.ts';
import { patiently } from './ingest/patience.ts';
import type { IngestSettings } from './ingest/settings.ts';
import { progressLine } from './progress.ts';
import type { Host } from './provider.ts';
import type { Database } from './store/driver.ts';
import { openReader, type Recovery } from './store/open.ts';
import { hasAnySession } from './store/queries/health.ts';
import { describe, mayBeDamaged } from './store/trouble.ts';

/** The store as a command sees it: read-only, and up to date unless it was told not to be. */
export interface Data {
  /** Undefined: there is no store and no log to make one from. */
  readonly db: Database | undefined;
  readonly loaded: LoadedConfig;
  readonly roots: readonly RootReport[];
  /** The process that ingests right now, if another does. */
  readonly heldBy: number | undefined;
  /** What was raised and is on its way; only where webhooks are set, or the desktop. */
  readonly alerts?: CollectorAlerts | undefined;
  /** What was read with; undefined: nothing was to be read. */
  readonly settings?: IngestSettings | undefined;
}

/** Reads what is new in the logs, with a progress line when that takes a while, and opens the store for reading. */
export async function openData(
  context: CommandContext,
  command: string,
  options: { readonly ingest: boolean; readonly suspect?: boolean; readonly recovery?: Recovery },
): Promise<Data> {
  const loaded = await context.config();
  if (!options.ingest) {
    const db = await patiently(() => openReader(loaded.paths), context);
    return { db, loaded, roots: [], heldBy: undefined };
  }
  const settings = guardSettings(await ingestSettings(context, loaded, command));
  const line = progressLine(context.stderr, context.now);
  try {
    const alerts = await alertsOf(context, loaded);
    const result = await catchUp(settings, {
      onIngested: (db) => alerts?.look(db, true),
      progress: line.show,
      onWait: (pid, progress) => {
        line.say(`Another scopeon (pid ${pid}) is reading the logs for the first time; waiting for it.`);
        if (progress !== undefined) line.show(progress);
      },
      signal: context.signal,
      suspect: options.suspect,
      recovery: options.recovery,
    });
    return { db: result.db, loaded, roots: result.roots, heldBy: result.heldBy, settings, alerts };
  } finally {
    line.clear();
  }
}

/**
 * Opens the store, has it answered from, and closes it. When a page turns out damaged on the way, the store is checked,
 * recovered as far as it can be, and asked once more.
 * @throws ScopeonError `noData` when there is nothing at all; `database` when it is damaged and may not be mended now
 */
export async function withData<T>(
  context: CommandContext,
  command: string,
  options: { readonly ingest: boolean },
  answer: (db: Database, data: Data) => Promise<T>,
): Promise<T> {
  const recovery = { done: false };
  for (let suspect = false; ; suspect = true) {
    const data = await openData(context, command, { ...options, suspect, recovery });
    try {
      return await answer(dataOf(data), data);
    } catch (error) {
      if (!mayBeDamaged(error)) throw error;
      if (suspect || !options.ingest) throw describe(error, data.loaded.paths.db);
    } finally {
      data.db?.close();
      await settleAlerts(data, context.now());
    }
  }
}

/** Whoever reads logs raises alerts, one-shot commands too; without a webhook or a desktop nobody would hear of them. */
async function alertsOf(context: CommandContext, loaded: LoadedConfig): Promise<CollectorAlerts | undefined> {
  const { webhooks, desktop } = loaded.config.alerts;
  if (webhooks.length === 0 && !desktop) return undefined;
  const { createCollectorAlerts } = await import('./collector-alerts.ts');
  return createCollectorAlerts({ env: context.env, home: context.home, notice: () => undefined });
}

/** After the answer was given: what could not be sent at once stays in the box. */
async function settleAlerts({ alerts, loaded }: Data, now: number): Promise<void> {
  if (alerts === undefined || alerts.isIdle) return;
  const { openStore } = await import('./store/open.ts');
  const db = await openStore(loaded.paths, now, () => undefined);
  try {
    await alerts.settle(db);
  } finally {
    db.close();
  }
}

/** @throws ScopeonError `noData` when there is nothing at all to show */
export function dataOf(data: Data): Database {
  if (data.db === undefined || !hasAnySession(data.db)) throw noData(data.roots);
  return data.db;
}

/** The error for a store without any data: says where scopeon looked and what would change that. */
function noData(roots: readonly RootReport[]): ScopeonError {
  const looked = roots.map((root) => displaySafe(root.root)).join(', ');
  return new ScopeonError(
    'noData',
    looked === '' ? 'There is no data yet.' : `There is no data yet. Looked for agent logs in: ${looked}.`,
    {
      hint: 'Use an agent once, or see what it would look like with made-up logs: scopeon demo',
    },
  );
}

export async function ingestSettings(
  context: CommandContext,
  loaded: LoadedConfig,
  command: string,
): Promise<IngestSettings> {
  const all = await loadProviders();
  const enabled = loaded.config.providers.enabled;
  const known = [...all.keys()].join(', ');
  for (const id of enabled) {
    if (!all.has(id))
      context.stderr.write(
        `scopeon: providers.enabled: there is no provider "${displaySafe(id, 64)}". Known: ${known}.\n`,
      );
  }
  return {
    paths: loaded.paths,
    providers: new Map([...all].filter(([id]) => enabled.length === 0 || enabled.includes(id))),
    known: all,
    host: createHost({
      home: context.home,
      env: context.env,
      platform: process.platform,
      generic: genericOf(loaded.config),
    }),
    overrides: loaded.config.pricing.overrides,
    command,
    now: context.now,
    notice: (sentence) => void context.stderr.write(`scopeon: ${displaySafe(sentence, 2048)}\n`),
  };
}

/** What the settings say of logs that are no agent's own. */
function genericOf(config: LoadedConfig['config']): Host['generic'] {
  return { paths: config.providers.generic_paths, name: config.providers.generic_name };
}
