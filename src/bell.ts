import type { CommandContext } from './command.ts';
import { followConfig } from './followed-config.ts';
import { recentAlerts } from './store/alerts.ts';
import type { Database } from './store/driver.ts';
import { snoozedUntil } from './store/snoozes.ts';

const lookMs = 2_000;
/** How many alerts are looked at, and how old one may be. */
const lookBack = { count: 100, ms: 15 * 60 * 1000 };

/**
 * Rings the terminal's bell when an alert is told, whichever process raised it; those of before the start are silent.
 * Returns what ends it.
 */
export function startBell(options: {
  /** Asked before every look; while it is not wanted nothing is looked at. */
  readonly wanted: () => Promise<boolean>;
  readonly open: () => Database | undefined;
  readonly out: NodeJS.WritableStream;
  readonly now: () => number;
  /** Between two looks, in ms. Default: two seconds. */
  readonly everyMs?: number;
}): () => void {
  let heard: ReadonlyMap<string, number> | undefined;
  let isLooking = false;
  let isOver = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    const isWanted = await options.wanted();
    isLooking = false;
    if (isOver) return;
    if (!isWanted) {
      heard = undefined; // of what is told meanwhile it is silent
      return;
    }
    const told = toldAlerts(options);
    if (told === undefined) return;
    if (heard !== undefined && [...told].some(([uid, times]) => times > (heard?.get(uid) ?? 0)))
      options.out.write('\x07');
    heard = new Map([...(heard ?? []), ...told]);
  };
  void look();
  const timer = setInterval(() => void look(), options.everyMs ?? lookMs);
  timer.unref();
  return () => {
    isOver = true;
    clearInterval(timer);
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

/** How often each recent alert was told; undefined: the store cannot be asked just now. */
function toldAlerts({
  open,
  now,
}: {
  readonly open: () => Database | undefined;
  readonly now: () => number;
}): ReadonlyMap<string, number> | undefined {
  let db: Database | undefined;
  try {
    db = open();
    if (db === undefined) return new Map(); // whatever a store that is to come tells first is news
    const silent = snoozedUntil(db, now());
    const recent = recentAlerts(db, lookBack.count, now() - lookBack.ms).filter(({ uid }) => !silent.has(uid));
    return new Map(recent.map(({ uid, times }) => [uid, times]));
  } catch {
    return undefined; // busy, or being replaced: the next look will do
  } finally {
    db?.close();
  }
}
