import type { CommandContext } from './command.ts';
import { followConfig } from './followed-config.ts';
import { shownSettings } from './shown-settings.ts';
import type { Look, SettingsView } from './tui/settings-view.ts';
import { terminalBackground } from './tui/terminal-colours.ts';

/** Between two looks at the file's date. */
const lookMs = 2_000;

/**
 * The settings of the live view as they stand: an edited file counts two seconds later at most. `end` stops looking.
 * @throws ScopeonError `usage` when they cannot be read at the start
 */
export async function followView(
  context: Pick<CommandContext, 'env' | 'home'>,
  { isMouseAllowed }: { readonly isMouseAllowed: boolean },
): Promise<SettingsView & { readonly isBellWanted: boolean; end(): void }> {
  const { env, home } = context;
  const followed = await followConfig({ env, home, notice: () => undefined }); // the view has a line for it
  const listeners = new Set<() => void>();
  let look = lookOf();
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    const { loaded, trouble } = followed;
    await followed.look();
    isLooking = false;
    if (loaded === followed.loaded && trouble === followed.trouble) return;
    look = lookOf();
    for (const listener of listeners) listener();
  }, lookMs);
  timer.unref();

  function lookOf(): Look {
    const { loaded, trouble } = followed;
    const { general, budget, dashboard } = loaded.config;
    return {
      theme: general.theme,
      background: general.background === 'auto' ? terminalBackground(env) : general.background,
      mouse: general.mouse && isMouseAllowed,
      refreshMs: general.refresh_interval_secs * 1_000,
      shown: shownSettings(loaded, context),
      answers: { budget, metrics: { live: dashboard.live_metrics, insights: dashboard.insights_metrics } },
      trouble,
    };
  }

  return {
    get look() {
      return look;
    },
    get isBellWanted() {
      return followed.loaded.config.alerts.bell;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    end: () => clearInterval(timer),
  };
}
