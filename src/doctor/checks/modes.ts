import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tildePath } from '../../display.ts';
import { countOf } from '../../report/format.ts';
import { ledgerFile } from '../../store/ledger.ts';
import { defineCheck, type Subject } from '../check.ts';

/** Our own files are for their owner alone. */
export default defineCheck({
  title: 'Files',
  place: 3,
  look(subject) {
    if (subject.platform === 'win32') return [];
    const ours = ownFiles(subject);
    if (ours.length === 0) return [];
    const loose = ours.filter((file) => (file.mode & 0o077) !== 0);
    const shown = loose.map((file) => ({
      path: tildePath(file.path, subject.home),
      mode: `0${(file.mode & 0o777).toString(8)}`,
    }));
    return [
      {
        name: 'files',
        label: 'Modes',
        value: ours.length,
        text:
          loose.length === 0
            ? `${countOf(ours.length, 'file and directory', 'files and directories')}, for you alone`
            : `${loose.length} of ${countOf(ours.length, 'file and directory', 'files and directories')} open to others`,
      },
      {
        name: 'loose',
        value: shown,
        ...(loose.length === 0
          ? {}
          : {
              advice: `Others can get at ${shown
                .slice(0, 3)
                .map((each) => `${each.path} (${each.mode})`)
                .join(', ')}${loose.length > 3 ? ', …' : ''}. scopeon doctor --fix takes that away.`,
              mend: () => {
                for (const file of loose) close(file);
                return `${countOf(loose.length, 'file or directory', 'files and directories')} closed to others.`;
              },
            }),
      },
    ];
  },
});

function close({ path, mode }: OwnFile): void {
  try {
    chmodSync(path, mode & 0o700);
  } catch (error) {
    // The side files of a database go when the last program closes it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

interface OwnFile {
  readonly path: string;
  readonly mode: number;
}

/** Links are left out: what they lead to is somebody's own arrangement. So is a directory that is not ours alone. */
function ownFiles({ settings, loaded }: Subject): readonly OwnFile[] {
  const { home, config, logFile, statusFile } = loaded.paths;
  const { db, backups, hmacKey } = settings.paths;
  const single = [
    db,
    `${db}-wal`,
    `${db}-shm`,
    hmacKey,
    ledgerFile(settings.paths),
    logFile,
    statusFile,
    ...(config === undefined ? [] : [config]),
  ];
  return [
    ...[home, backups].flatMap((path) => modeOf(path, 'directory')),
    ...single.flatMap((path) => modeOf(path, 'file')),
    ...below(backups),
  ];
}

function below(directory: string): readonly OwnFile[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return [...modeOf(path, 'directory'), ...below(path)];
      return modeOf(path, 'file');
    });
  } catch {
    return [];
  }
}

function modeOf(path: string, kind: 'file' | 'directory'): readonly OwnFile[] {
  try {
    const stat = lstatSync(path);
    return (kind === 'file' ? stat.isFile() : stat.isDirectory()) ? [{ path, mode: stat.mode }] : [];
  } catch {
    return [];
  }
}
