import { join } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

/** Within this time a directory handed to the system is watched. */
const settleMs = 1_000;

/** Being told of changes. A hint and no more: whatever it misses, the next scan finds. */
export interface Watching {
  /** The operating system tells us nothing (any more); look every few seconds instead. */
  readonly degraded: boolean;
  readonly trouble: string | undefined;
  /** Watches these directories and all below; those watched already stay. */
  follow(directories: readonly string[]): void;
  close(): Promise<void>;
}

/** Watches directories, not files: a directory tells of every file in it at the price of one watch. */
export function watchDirectories(on: {
  readonly onPath: (path: string) => void;
  readonly onTrouble: () => void;
}): Watching {
  const watched = new Set<string>();
  let trouble: string | undefined;
  let settling: NodeJS.Timeout | undefined;
  const watcher: FSWatcher = watch([], {
    ignoreInitial: true,
    followSymlinks: false,
    depth: 8,
    ignored: (_path, stats) => stats !== undefined && !stats.isDirectory(),
  });
  // What the system says of a directory's entries, before chokidar asks which of them it was to watch.
  watcher.on('raw', (_event, name, details) => {
    const directory = (details as { readonly watchedPath?: unknown } | undefined)?.watchedPath; // chokidar leaves it untyped
    if (typeof name === 'string' && typeof directory === 'string') on.onPath(join(directory, name));
  });
  /** What happens while a directory is only about to be watched is told by nobody: look once more a little later. */
  const lookAgain = (): void => {
    clearTimeout(settling);
    settling = setTimeout(on.onTrouble, settleMs);
  };
  watcher.on('addDir', () => {
    on.onTrouble();
    lookAgain();
  });
  watcher.on('error', (error) => {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EMFILE') {
      trouble ??= 'Too many watched directories; looking every 5 s instead. Raise fs.inotify.max_user_watches.';
    }
    on.onTrouble();
  });
  return {
    get degraded() {
      return trouble !== undefined;
    },
    get trouble() {
      return trouble;
    },
    follow(directories) {
      const fresh = directories.filter((directory) => !watched.has(directory));
      for (const directory of fresh) watched.add(directory);
      if (fresh.length === 0) return;
      watcher.add(fresh);
      lookAgain();
    },
    close: () => {
      clearTimeout(settling);
      return watcher.close();
    },
  };
}
