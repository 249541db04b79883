import type { CommandContext } from './command.ts';
import { followConfig } from './followed-config.ts';
import { recentAlerts } from './store/alerts.ts';
import type { Database } from './store/driver.ts';
import type { StoreSource } from './store/feed.ts';
import { snoozedUntil } from './store/snoozes.ts';

const lookMs = 2_000;
/** How many alerts are looked at, and how old one may be. */
const lookBack = { count: 100, ms: 15 * 60 * 1000 };

/**
 * Rings the terminal's bell when an alert is told, whichever process raised it; those of before the start are silent.
 * Returns what ends it.
 */
export function startBell(options: {
  /** Asked before every look; while it is not wanted nothing is looked at. Default: it always is. */
  readonly wanted?: () => Promise<boolean>;
  readonly store: StoreSource;
  readonly out: NodeJS.WritableStream;
  readonly now: () => number;
  /** Between two looks, in ms. Default: two seconds. */
  readonly everyMs?: number;
}): () => void {
  const told = createTold(options);
  let heard: ReadonlyMap<string, number> | undefined;
  let isLooking = false;
  let isOver = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    const isWanted = (await options.wanted?.()) ?? true;
    isLooking = false;
    if (isOver) return;
    if (!isWanted) {
      heard = undefined; // of what is told meanwhile it is silent
      told.close();
      return;
    }
    const recent = told.look();
    if (recent === undefined) return;
    if (heard !== undefined && [...recent].some(([uid, times]) => times > (heard?.get(uid) ?? 0)))
      options.out.write('\x07');
    heard = new Map([...(heard ?? []), ...recent]);
  };
  void look();
  const timer = setInterval(() => void look(), options.everyMs ?? lookMs);
  timer.unref();
  return () => {
    isOver = true;
    clearInterval(timer);
    told.close();
  };
}

/** Whether the settings ask for it, as they are when they are asked. That they cannot be read is the collector's to tell. */
export async function bellSetting({
  env,
  home,
}: Pick<CommandContext, 'env' | 'home'>): Promise<() => Promise<boolean>> {
  const settings = await followConfig({ env, home, notice: () => undefined });
  return async () => {
    await settings.look();
    return settings.loaded.config.alerts.bell;
  };
}

interface Told {
  /** How often each recent alert was told; undefined: the store cannot be asked just now. */
  look(): ReadonlyMap<string, number> | undefined;
  close(): void;
}

/** The store stays open between looks, for as long as its file is the same. */
function createTold({ store, now }: { readonly store: StoreSource; readonly now: () => number }): Told {
  let db: Database | undefined;
  let identity = '';
  function close(): void {
    db?.close();
    db = undefined;
  }
  return {
    look() {
      try {
        const current = store.identity();
        if (current !== identity) close();
        identity = current;
        db ??= store.open();
        if (db === undefined) return new Map(); // whatever a store that is to come tells first is news
        const silent = snoozedUntil(db, now());
        const recent = recentAlerts(db, lookBack.count, now() - lookBack.ms).filter(({ uid }) => !silent.has(uid));
        return new Map(recent.map(({ uid, times }) => [uid, times]));
      } catch {
        close();
        return undefined; // busy, or being replaced: the next look will do
      }
    },
    close,
  };
}
