import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { tildePath } from '../../display.ts';
import { catchUp } from '../../ingest/catch-up.ts';
import { countOf, formatAge, formatBytes } from '../../report/format.ts';
import { listBackups } from '../../store/backup-list.ts';
import { type Examination, examine, type StoreFindings } from '../../store/examine.ts';
import { readMeta } from '../../store/meta.ts';
import { defineCheck, type Fact, type Subject } from '../check.ts';
import { fileSystemOf, isNetworkFileSystem } from '../mounts.ts';

/** Free space below which a copy for a migration may not fit. */
const leastFree = 100 * 1024 * 1024; // 100 MiB

/** The store itself: what it is, whether it is whole, and what would be left of it. */
export default defineCheck({
  title: 'Database',
  place: 2,
  look(subject) {
    const { store, home, settings } = subject;
    return [
      { name: 'path', label: 'Path', value: tildePath(settings.paths.db, home) },
      stateFact(subject),
      ...(store.sizeBytes === undefined ? [] : [sizeFact(store)]),
      ...spaceFacts(subject),
      ...(store.handle === undefined ? [] : checkFacts(examine(store.handle))),
      ...backupFacts(subject),
    ];
  },
});

const stateText: Readonly<Record<StoreFindings['state'], string>> = {
  missing: 'not there yet',
  current: 'ours, up to date',
  older: 'ours, of an older schema',
  newer: 'written by a newer scopeon',
  original: 'of the original Scopeon',
  early: 'ours, of before the first release',
  foreign: 'not a scopeon database',
  damaged: 'damaged',
  unreadable: 'cannot be opened',
};

function stateFact({ store, settings, discoveries, home }: Subject): Fact {
  const { state, version } = store;
  const reason = store.reason?.replaceAll(home, '~') ?? 'It cannot be used';
  const schema = version === undefined ? '' : ` (schema ${version}, this scopeon knows ${store.knownVersion})`;
  const fact: Fact = { name: 'state', label: 'State', value: state, text: `${stateText[state]}${schema}` };
  const read = async (suspect: boolean): Promise<string> => {
    (await catchUp(settings, { suspect })).db?.close();
    return suspect ? 'The database was rebuilt.' : 'The database was brought up to date.';
  };
  switch (state) {
    case 'current':
      return fact;
    case 'missing': {
      const hasLogs = [...discoveries.values()].some((discovery) => discovery.candidates.length > 0);
      const advice = 'There is no database yet. Any report makes one: scopeon status';
      return hasLogs ? { ...fact, advice, mend: () => read(false) } : { ...fact, advice };
    }
    case 'older':
    case 'original':
    case 'early':
      return {
        ...fact,
        advice: 'The next report brings it up to date and keeps a copy of what it was: scopeon status',
        mend: () => read(false),
      };
    case 'damaged':
      return {
        ...fact,
        advice: `It is damaged (${reason}). scopeon doctor --fix keeps it aside and rebuilds it from a backup and the logs.`,
        mend: () => read(true),
      };
    default:
      return { ...fact, advice: `${reason.replace(/\.$/, '')}.` };
  }
}

function sizeFact({ sizeBytes = 0, walBytes = 0 }: StoreFindings): Fact {
  return {
    name: 'size',
    label: 'Size',
    value: { bytes: sizeBytes, wal_bytes: walBytes },
    text: `${formatBytes(sizeBytes)}${walBytes === 0 ? '' : `, and ${formatBytes(walBytes)} not yet folded in`}`,
  };
}

function spaceFacts({ store, settings }: Subject): readonly Fact[] {
  const place = dirname(settings.paths.db);
  const free = freeBytes(place);
  const needed = Math.max(leastFree, 2 * ((store.sizeBytes ?? 0) + (store.walBytes ?? 0)));
  const fileSystem = fileSystemOf(place);
  return [
    {
      name: 'free_bytes',
      label: 'Free',
      value: free ?? null,
      text: formatBytes(free ?? null),
      ...(free !== undefined && free < needed
        ? { advice: `There should be ${formatBytes(needed)} free, for copies of the database: make room.` }
        : {}),
    },
    {
      name: 'file_system',
      value: fileSystem ?? null,
      ...(fileSystem !== undefined && isNetworkFileSystem(fileSystem)
        ? {
            label: 'Disk',
            advice: `It lies on a network file system (${fileSystem}), where databases get damaged. Set SCOPEON_DB to a file on a local disk.`,
          }
        : {}),
    },
  ];
}

/** Where the directory is, or will be made. */
function freeBytes(directory: string): number | undefined {
  for (let place = directory; ; place = dirname(place)) {
    try {
      const { bavail, bsize } = statfsSync(place);
      return bavail * bsize;
    } catch {
      if (place === dirname(place)) return undefined;
    }
  }
}

function checkFacts(found: Examination): readonly Fact[] {
  const facts = [
    ['quick_check', 'Quick check', found.quickCheck],
    ['integrity_check', 'Integrity', found.integrityCheck],
    ['foreign_key_check', 'References', found.foreignKeyCheck],
  ] as const;
  return facts.map(([name, label, problems]) => ({
    name,
    label,
    value: problems,
    text: problems.length === 0 ? 'ok' : countOf(problems.length, 'problem'),
    ...(problems.length === 0
      ? {}
      : { advice: `${problems[0]}. scopeon doctor --fix keeps the database aside and rebuilds it.` }),
  }));
}

function backupFacts({ settings, store, now }: Subject): readonly Fact[] {
  const backups = listBackups(settings.paths.backups);
  const [newest] = backups;
  const drilled = store.db === undefined ? undefined : readMeta(store.db, 'drilled_at');
  return [
    {
      name: 'backups',
      label: 'Backups',
      value: { count: backups.length, newest_at: newest === undefined ? null : new Date(newest.atMs).toISOString() },
      text:
        newest === undefined
          ? 'none yet; one a day is made while scopeon start or another long-lived command runs'
          : `${countOf(backups.length, 'copy', 'copies')}, the newest ${formatAge(now - newest.atMs)}`,
    },
    {
      name: 'drilled_at',
      label: 'Last drill',
      value: drilled === undefined ? null : new Date(Number(drilled)).toISOString(),
      text:
        drilled === undefined
          ? 'never; scopeon db drill restores the newest copy to a temporary place'
          : formatAge(now - Number(drilled)),
    },
  ];
}
