import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ScopeonError } from '../errors.ts';
import { claimMarker } from './marker.ts';
import type { StorePaths } from './open.ts';
import { publishFile } from './publish.ts';

const lookMs = 20;
const waitMs = 30_000;

/**
 * Runs `work` while no other process creates, replaces or moves the database file, which each of them does in here only.
 * What one of them was killed in the middle of is brought to its end first.
 * @throws ScopeonError `locked` when another is at it for half a minute
 */
export async function whileNobodyMakes<T>(paths: StorePaths, work: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + waitMs;
  for (;;) {
    const claim = claimMarker(markerPath(paths));
    if ('marker' in claim) {
      try {
        bringToEnd(paths);
        return await work();
      } finally {
        claim.marker.remove();
      }
    }
    if (performance.now() > end) {
      const who = claim.owner === undefined ? '' : ` (pid ${claim.owner.pid})`;
      throw new ScopeonError('locked', `Another scopeon${who} is making the database.`, {
        hint: 'Run scopeon doctor.',
      });
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

/** Is somebody at it, or was killed at it? */
export function isBeingMade(paths: StorePaths): boolean {
  return existsSync(markerPath(paths));
}

/** Where whoever makes the database can put one together; goes with his right to. */
export function sideFile(paths: StorePaths): string {
  return `${markerPath(paths)}.new.db`;
}

/** Where the file that is to take the place of a damaged one is put together; whole before that one is moved away. */
export function replacementPath(paths: StorePaths): string {
  return `${paths.db}.replacement`;
}

export function removeReplacement(paths: StorePaths): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(replacementPath(paths) + suffix, { force: true });
}

function bringToEnd(paths: StorePaths): void {
  if (existsSync(replacementPath(paths)) && !existsSync(paths.db)) {
    const directory = newestMoved(paths.backups);
    for (const suffix of ['-wal', '-shm']) {
      const stray = paths.db + suffix;
      if (directory !== undefined && existsSync(stray)) renameSync(stray, join(directory, basename(stray)));
    }
    publishFile(replacementPath(paths), paths.db);
  }
  removeReplacement(paths);
}

/** Where the file was moved whose place is empty now. */
function newestMoved(backups: string): string | undefined {
  const timeOf = (name: string): string => name.replace(/^[a-z]+-/, '');
  const name = readdirSync(backups)
    .filter((each) => /^(damaged|replaced|early)-/.test(each))
    .sort((a, b) => timeOf(a).localeCompare(timeOf(b)))
    .at(-1);
  return name === undefined ? undefined : join(backups, name);
}

/** Says who reads all logs for the first time, into a file beside the database. */
export function firstFillMarker(paths: StorePaths): string {
  return `${paths.db}.filling`;
}

function markerPath(paths: StorePaths): string {
  return `${paths.db}.making`;
}
