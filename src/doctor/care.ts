import { statSync } from 'node:fs';
import { join } from 'node:path';
import { displaySafe, tildePath } from '../display.ts';
import { ScopeonError } from '../errors.ts';
import { countOf, formatAge, formatBytes } from '../report/format.ts';
import { whileAlone } from '../store/alone.ts';
import { backupNow } from '../store/backup.ts';
import { type Backup, listBackups } from '../store/backup-list.ts';
import { drill } from '../store/drill.ts';
import { type Database, openFile } from '../store/driver.ts';
import { examine, findStore, type StoreFindings } from '../store/examine.ts';
import { identifyProcess, releaseLease, takeLease } from '../store/lease.ts';
import { whileNobodyMakes } from '../store/making.ts';
import { writeMeta } from '../store/meta.ts';
import { type Notice, openStore, type StorePaths } from '../store/open.ts';
import { restoreBackup } from '../store/recover.ts';
import { countWrongSums } from '../store/sum-check.ts';

/** What an action found: for programs, and in a few lines for people. */
export interface Answer {
  readonly ok: boolean;
  readonly json: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
}

export interface Task {
  readonly paths: StorePaths;
  /** Shown as `~`. */
  readonly home: string;
  /** A copy by its name; undefined: the newest. */
  readonly name: string | undefined;
  /** For what changes things: do it. */
  readonly apply: boolean;
  readonly now: number;
  readonly notice: Notice;
}

/** What can be done for the database, by what is typed. */
export const actions: Readonly<Record<string, (task: Task) => Answer | Promise<Answer>>> = {
  check,
  backup,
  list,
  drill: drillNewest,
  restore,
  vacuum,
};

// ---- looking ----------------------------------------------------------------------------------------------------------

function check({ paths }: Task): Answer {
  const store = usable(findStore(paths), paths);
  try {
    const { quickCheck, integrityCheck, foreignKeyCheck } = examine(store.handle);
    const problems = [...quickCheck, ...integrityCheck, ...foreignKeyCheck];
    const sums = problems.length === 0 && store.db !== undefined ? countWrongSums(store.db) : undefined;
    const ok = problems.length === 0 && (sums?.wrong ?? 0) === 0;
    return {
      ok,
      json: {
        quick_check: quickCheck,
        integrity_check: integrityCheck,
        foreign_key_check: foreignKeyCheck,
        wrong_sums: sums?.wrong ?? null,
      },
      lines: ok
        ? [
            `Whole: every page, every reference${sums === undefined ? '' : `, and ${countOf(sums.buckets, 'sum')} against their rows`}.`,
          ]
        : [
            ...problems,
            ...(sums === undefined || sums.wrong === 0
              ? []
              : [`${countOf(sums.wrong, 'sum')} of ${sums.buckets} wrong.`]),
            'scopeon doctor --fix mends it.',
          ],
    };
  } finally {
    store.handle.close();
  }
}

function list({ paths, now, home }: Task): Answer {
  const backups = listBackups(paths.backups);
  return {
    ok: true,
    json: { directory: tildePath(paths.backups, home), backups: backups.map(backupJson) },
    lines:
      backups.length === 0
        ? [`There is no copy in ${tildePath(paths.backups, home)}.`]
        : backups.map((each) => `${each.name}  ${formatBytes(each.sizeBytes)}  ${formatAge(now - each.atMs)}`),
  };
}

function backupJson({ name, sizeBytes, atMs }: Backup): Readonly<Record<string, unknown>> {
  return { name, size_bytes: sizeBytes, at: new Date(atMs).toISOString() };
}

// ---- copies -----------------------------------------------------------------------------------------------------------

function backup({ paths, now, home }: Task): Answer {
  usable(findStore(paths), paths).handle.close();
  const db = openFile(paths.db, { readonly: true }); // the doctor's handle may not even write a copy
  try {
    const path = backupNow(db, paths, now);
    const { size } = statSync(path);
    const shown = tildePath(path, home);
    return { ok: true, json: { path: shown, size_bytes: size }, lines: [`Copied to ${shown} (${formatBytes(size)}).`] };
  } finally {
    db.close();
  }
}

async function drillNewest({ paths, name, now }: Task): Promise<Answer> {
  const chosen = chooseBackup(paths, name);
  const { problems, turns } = await drill(chosen, paths.backups);
  const ok = problems.length === 0;
  if (ok) await noteDrill(paths, now);
  return {
    ok,
    json: { backup: backupJson(chosen), problems, turns },
    lines: ok
      ? [`${chosen.name} can be restored: whole, with all its rows (${countOf(turns, 'turn')}), sums right.`]
      : [`${chosen.name} cannot be restored:`, ...problems.map((problem) => `  ${problem}`)],
  };
}

/** For the doctor. A store that cannot be written to now can still be restored from that copy. */
async function noteDrill(paths: StorePaths, now: number): Promise<void> {
  const { state, handle } = findStore(paths);
  handle?.close();
  if (state !== 'current') return;
  const db = await openStore(paths, now, () => undefined);
  try {
    writeMeta(db, 'drilled_at', String(now));
  } finally {
    db.close();
  }
}

async function restore({ paths, name, apply, now, home }: Task): Promise<Answer> {
  const chosen = chooseBackup(paths, name);
  const found = findStore(paths);
  found.handle?.close();
  if (['newer', 'foreign', 'original', 'early', 'unreadable'].includes(found.state))
    throw new ScopeonError('database', found.reason ?? `${paths.db} is no database to be replaced.`);
  const plan = { backup: backupJson(chosen), applied: apply };
  if (!apply) {
    return {
      ok: true,
      json: plan,
      lines: [
        `Would put ${chosen.name} (${formatAge(now - chosen.atMs)}) in the place of the database, keep that one in`,
        `${join(tildePath(paths.backups, home), 'replaced-…')}, and read all logs again. Your tags are kept.`,
        'Nothing was changed. Do it with: scopeon db restore --apply',
      ],
    };
  }
  const { problems } = await drill(chosen, paths.backups);
  if (problems.length > 0)
    throw new ScopeonError('database', `${chosen.name} cannot be restored: ${problems[0]}. Nothing was changed.`);
  const isOpenable = found.state === 'current' || found.state === 'older';
  const kept = await whileNobodyMakes(paths, () =>
    restoreBackup(chosen.path, paths, now, (move) => (isOpenable ? whileAlone(paths.db, move) : move())),
  );
  const shown = kept === undefined ? undefined : tildePath(kept, home);
  return {
    ok: true,
    json: { ...plan, kept: shown ?? null },
    lines: [
      `Restored ${chosen.name}.${shown === undefined ? '' : ` The database that was there is in ${shown}.`}`,
      'The next report reads all logs again.',
    ],
  };
}

/** @throws ScopeonError `usage` when there is none of this name, `failure` when there is none at all */
function chooseBackup(paths: StorePaths, name: string | undefined): Backup {
  const backups = listBackups(paths.backups);
  const chosen = name === undefined ? backups[0] : backups.find((each) => each.name === name);
  if (chosen !== undefined) return chosen;
  if (name !== undefined && backups.length > 0)
    throw new ScopeonError('usage', `There is no copy "${displaySafe(name, 128)}".`, {
      hint: 'scopeon db list names them.',
    });
  throw new ScopeonError('failure', 'There is no copy of the database.', { hint: 'Make one with: scopeon db backup' });
}

// ---- space ------------------------------------------------------------------------------------------------------------

async function vacuum({ paths, now, notice }: Task): Promise<Answer> {
  usable(findStore(paths), paths).handle.close();
  const db = await openStore(paths, now, notice);
  const me = identifyProcess();
  try {
    const lease = takeLease(db, me, 'db vacuum', now);
    if ('holder' in lease)
      throw new ScopeonError('locked', `Another scopeon (pid ${lease.holder.pid}) is ingesting.`, {
        hint: 'End it, then run this again.',
      });
    const before = sizeOf(db);
    db.exec('VACUUM');
    db.pragma('wal_checkpoint(TRUNCATE)');
    const after = sizeOf(db);
    return {
      ok: true,
      json: { bytes_before: before, bytes_after: after },
      lines: [`${formatBytes(before)} before, ${formatBytes(after)} now.`],
    };
  } finally {
    releaseLease(db, me);
    db.close();
  }
}

function sizeOf(db: Database): number {
  return Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
}

/** @throws ScopeonError `noData`, `database` */
function usable(store: StoreFindings, paths: StorePaths): StoreFindings & { readonly handle: Database } {
  const { handle, state, reason } = store;
  if (handle !== undefined) return { ...store, handle };
  if (state === 'missing')
    throw new ScopeonError('noData', 'There is no database yet.', { hint: 'Any report makes one: scopeon status' });
  throw new ScopeonError('database', reason ?? `The database at ${paths.db} is of the original Scopeon.`, {
    hint: 'scopeon doctor says what can be done.',
  });
}
