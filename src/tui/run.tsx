import { render } from 'ink';
import { loadMembers } from '../members.ts';
import { App, type AppProps } from './app.tsx';
import { type CollectorState, createFeed, type StoreSource } from './feed.ts';
import { createScreen } from './screen.ts';
import type { Tab } from './tab.ts';
import { createTheme, type ThemeName } from './theme.ts';

export interface TuiOptions
  extends Pick<AppProps, 'mark' | 'zone' | 'startOfWeek' | 'windowOf' | 'looked' | 'clock' | 'refreshMs'> {
  readonly source: StoreSource;
  readonly collector: { readonly state: CollectorState };
  readonly theme: ThemeName;
  readonly colour: boolean;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Aborted: the view ends. */
  readonly signal: AbortSignal;
}

/** Shows the live view until it is quit or the signal aborts. The terminal is given back however the process ends. */
export async function runTui(options: TuiOptions): Promise<void> {
  const { stdin, stdout, signal, source, collector } = options;
  const members = await loadMembers<Tab>('tui/tabs');
  const tabs = [...members.values()].sort((a, b) => a.key.localeCompare(b.key));
  const screen = createScreen(stdout);
  const feed = createFeed(source, collector);
  const resume = (): void => {
    if (stdin.isTTY) stdin.setRawMode(true);
    screen.enter();
  };
  const suspend = (): void => {
    screen.leave();
    if (stdin.isTTY) stdin.setRawMode(false);
    process.kill(0, 'SIGTSTP'); // the whole job, npm included, as the terminal itself would
    setTimeout(resume, 50); // runs once the shell has brought us back
  };
  process.on('uncaughtExceptionMonitor', screen.leave); // before the error is printed
  process.on('exit', screen.leave);
  process.on('SIGCONT', resume);
  screen.enter();
  const app = render(
    <App
      feed={feed}
      tabs={tabs}
      theme={createTheme(options.theme, options.colour)}
      mark={options.mark}
      zone={options.zone}
      startOfWeek={options.startOfWeek}
      windowOf={options.windowOf}
      looked={options.looked}
      clock={options.clock}
      refreshMs={options.refreshMs}
      size={screen.size}
      onResize={screen.onResize}
      redraw={screen.invalidate}
      suspend={suspend}
    />,
    // `debug`: whole frames, one write each. What ink would do with them itself, `screen` does better.
    { stdout: screen.sink, stdin, debug: true, exitOnCtrlC: false, patchConsole: false },
  );
  const stop = (): void => app.unmount();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    await app.waitUntilExit();
  } finally {
    signal.removeEventListener('abort', stop);
    process.off('uncaughtExceptionMonitor', screen.leave);
    process.off('exit', screen.leave);
    process.off('SIGCONT', resume);
    screen.leave();
    feed.close();
  }
}
