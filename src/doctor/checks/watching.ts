import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemPath } from '../../file-name.ts';
import { groupDigits } from '../../report/format.ts';
import { defineCheck, type Subject } from '../check.ts';

/** Watching goes no deeper than reading does. */
const deepest = 8;

/** Can the system tell of changes, or would they have to be looked for? */
export default defineCheck({
  title: 'Watching',
  place: 6,
  look(subject) {
    const directories = countDirectories(subject);
    const limit = inotifyLimit('max_user_watches');
    const isShort = limit !== undefined && directories > limit;
    return [
      {
        name: 'mode',
        label: 'Changes',
        value: isShort ? 'polling' : 'events',
        text: isShort ? 'looked for every 5 s' : 'told by the system while a long-lived command runs',
        ...(isShort
          ? {
              advice: `${groupDigits(directories)} directories are to be watched, but only ${groupDigits(limit)} may be: raise fs.inotify.max_user_watches.`,
            }
          : {}),
      },
      {
        name: 'directories',
        label: 'Directories',
        value: directories,
        text: `${groupDigits(directories)}${limit === undefined ? '' : ` of at most ${groupDigits(limit)} (fs.inotify.max_user_watches)`}`,
      },
      { name: 'max_user_watches', value: limit ?? null },
      { name: 'max_user_instances', value: inotifyLimit('max_user_instances') ?? null },
    ];
  },
});

function inotifyLimit(name: string): number | undefined {
  try {
    const value = Number(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'));
    return Number.isSafeInteger(value) ? value : undefined;
  } catch {
    return undefined; // not Linux
  }
}

function countDirectories({ discoveries }: Subject): number {
  const roots = [...discoveries.values()].flatMap((discovery) => discovery.listed);
  return [...new Set(roots)].reduce((sum, root) => sum + countBelow(root, 0), 0);
}

function countBelow(directory: string, depth: number): number {
  if (depth >= deepest) return 1;
  try {
    return readdirSync(systemPath(directory), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .reduce((sum, entry) => sum + countBelow(join(directory, entry.name), depth + 1), 1);
  } catch {
    return 1;
  }
}
