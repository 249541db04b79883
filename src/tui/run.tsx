import { constants } from 'node:os';
import { render } from 'ink';
import { loadMembers } from '../members.ts';
import { App, type AppProps, type CollectorView } from './app.tsx';
import { BoardContext, createBoard } from './components/board.ts';
import { createScreen } from './screen.ts';
import { createStoreLink, type StoreThread } from './store-link.ts';
import type { Tab } from './tab.ts';
import { type ColourDepth, createTheme } from './theme.ts';

export interface TuiOptions
  extends Pick<AppProps, 'mark' | 'zone' | 'windowOf' | 'given' | 'looked' | 'clock' | 'settings' | 'welcome'> {
  readonly collector: TellingCollector;
  /** Starts a thread that answers what is asked of the store. */
  readonly startStore: () => StoreThread;
  readonly depth: ColourDepth;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Aborted: the view ends. */
  readonly signal: AbortSignal;
}

/** A collector that says when something new is in the store. */
export interface TellingCollector extends CollectorView {
  onNews(listener: () => void): () => void;
}

/** ink lays out, and we paint. */
export const inkOptions = {
  debug: true, // laid out at once, whatever came just before
  isScreenReaderEnabled: true, // else it makes of every frame a grid of cells that nobody sees
  exitOnCtrlC: false,
  patchConsole: false,
} as const;

/** Windows knows no such signal. */
const canStop = 'SIGTSTP' in constants.signals;

/** Shows the live view until it is quit or the signal aborts. The terminal is given back however the process ends. */
export async function runTui(options: TuiOptions): Promise<void> {
  const { stdin, stdout, signal, settings, collector } = options;
  const members = await loadMembers<Tab>('tui/tabs');
  const tabs = [...members.values()].sort((a, b) => a.key.localeCompare(b.key));
  const screen = createScreen(stdout, { mouse: settings.look.mouse });
  const link = createStoreLink(options.startStore);
  // Only while it watches: in the midst of reading much it says nothing yet, and another process that reads never does.
  const expectNews = (): void => link.expectNews(collector.state.phase === 'watching');
  const stops = [
    settings.onChange(() => {
      screen.setMouse(settings.look.mouse);
      link.settle(settings.look.answers);
    }),
    collector.onChange(expectNews),
    collector.onNews(link.look),
  ];
  expectNews();
  const held = holdBack(options.stderr);
  let isOver = false;
  const resume = (): void => {
    if (isOver) return;
    if (stdin.isTTY) stdin.setRawMode(true);
    screen.enter();
    if (canStop) process.on('SIGTSTP', stopped);
  };
  /** Gives the terminal back and stops as the signal would have. */
  const stop = (pid: number): void => {
    process.off('SIGTSTP', stopped);
    screen.leave();
    if (stdin.isTTY) stdin.setRawMode(false);
    process.kill(pid, 'SIGTSTP');
    setTimeout(() => {
      try {
        resume(); // once the shell has brought us back
      } catch {
        end(); // or the terminal is gone, and we were woken to hear of it
      }
    }, 50);
  };
  const stopped = (): void => stop(process.pid);
  const suspend = (): void => stop(0); // the whole job, npm included, as the terminal itself would
  const restore = (): void => {
    screen.leave();
    // Unix does so itself at the end; on Windows whoever comes next would get keys as escape sequences.
    if (stdin.isTTY && stdin.isRaw) tryTo(() => stdin.setRawMode(false));
    held.release();
  };
  process.on('uncaughtExceptionMonitor', restore); // before the error is printed
  process.on('exit', restore);
  resume();
  const app = render(
    <BoardContext value={createBoard(screen.paint)}>
      <App
        link={link}
        collector={collector}
        tabs={tabs}
        settings={settings}
        themeOf={(name, background) => createTheme(name, options.depth, background)}
        mark={options.mark}
        zone={options.zone}
        windowOf={options.windowOf}
        given={options.given}
        looked={options.looked}
        clock={options.clock}
        size={screen.size}
        onResize={screen.onResize}
        changes={screen.changes}
        redraw={screen.invalidate}
        suspend={canStop ? suspend : undefined}
        send={screen.send}
        welcome={options.welcome}
      />
    </BoardContext>,
    { ...inkOptions, stdout: screen.sink, stdin },
  );
  const end = (): void => app.unmount();
  for (const event of ['end', 'error']) stdin.on(event, end); // a terminal that is gone
  signal.addEventListener('abort', end, { once: true });
  try {
    if (signal.aborted) end();
    await app.waitUntilExit();
  } finally {
    isOver = true;
    signal.removeEventListener('abort', end);
    process.off('uncaughtExceptionMonitor', restore);
    process.off('exit', restore);
    process.off('SIGTSTP', stopped);
    restore();
    for (const stopFollowing of stops) stopFollowing();
    await link.close();
  }
}

function tryTo(act: () => void): void {
  try {
    act();
  } catch {
    // The terminal is gone.
  }
}

/** Most that is kept of what is said meanwhile, in characters. */
const heldLimit = 16 * 1024;

/** Keeps what the process says on the side, warnings of the runtime included, from being written into the screen. */
function holdBack(stderr: NodeJS.WriteStream): { release(): void } {
  const write = stderr.write;
  let text = '';
  stderr.write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
    if (text.length < heldLimit) text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const callback = typeof encoding === 'function' ? encoding : done;
    if (typeof callback === 'function') queueMicrotask(() => callback());
    return true;
  };
  return {
    release() {
      stderr.write = write;
      if (text !== '') stderr.write(text);
      text = '';
    },
  };
}
