import { createHash, randomBytes } from 'node:crypto';
import { linkSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { identifyProcess, isProcessAlive, type ProcessIdentity } from './lease.ts';

/**
 * A file that says who is at something only one process may do at a time. Of all that want it one gets it. It outlives a
 * kill: then exactly one other takes it over.
 */
export interface Marker {
  /** Tells those who wait how it stands. */
  say(news: unknown): void;
  remove(): void;
}

export type Claim =
  | { readonly marker: Marker }
  /** Undefined: somebody is just coming or going; look again. */
  | { readonly owner: Owner | undefined };

export interface Owner extends ProcessIdentity {
  /** Unlike a pid, never given twice. */
  readonly nonce: string;
  readonly news?: unknown;
}

/** A marker without a name this long, by the clock of the file system, was left by a power cut. */
const namelessMs = 5_000;

/**
 * Takes the marker, if it is free or its owner is gone. Files whose names begin with the marker's and a dot belong to
 * whoever has it; they go when he does. @throws the system's error when it cannot be written
 */
export function claimMarker(path: string): Claim {
  const before = read(path);
  if (before?.owner !== undefined && isProcessAlive(before.owner)) return { owner: before.owner };
  const me: Owner = { ...identifyProcess(), nonce: randomBytes(8).toString('hex') };
  const temporary = temporaryOf(path, me);
  writeFileSync(temporary, JSON.stringify(me), { mode: 0o600 });
  try {
    if (create(path, temporary, me)) return { marker: markerOf(path, me) };
    const there = read(path);
    if (there === undefined || (there.owner !== undefined && isProcessAlive(there.owner)))
      return { owner: there?.owner };
    const isDead = there.owner !== undefined || (read(temporary)?.mtimeMs ?? 0) - there.mtimeMs > namelessMs;
    return isDead && takeOver(path, temporary, there.text) ? { marker: markerOf(path, me) } : { owner: undefined };
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Puts ours in the place of a dead one. Taking it away first would leave a moment in which another takes its own, and a
 * third one that. So who may replace this one is settled by a marker for just that, and it is replaced in one step.
 */
function takeOver(path: string, temporary: string, dead: string): boolean {
  const guard = claimMarker(`${path}.${createHash('sha256').update(dead).digest('hex').slice(0, 12)}`);
  if (!('marker' in guard)) return false;
  try {
    if (read(path)?.text !== dead) return false;
    renameSync(temporary, path);
    sweep(path);
    return true;
  } finally {
    guard.marker.remove();
  }
}

/** It appears with its content or not at all. */
function create(path: string, temporary: string, me: Owner): boolean {
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOENT') return false; // ENOENT: an owner has swept our temporary file away
    return createWithoutLinks(path, me, error);
  }
}

/** For file systems that know no hard links: between its appearing and its content lies a moment. */
function createWithoutLinks(path: string, me: Owner, cause: unknown): boolean {
  try {
    writeFileSync(path, JSON.stringify(me), { flag: 'wx', mode: 0o600 });
    return read(path)?.owner?.nonce === me.nonce;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

function markerOf(path: string, me: Owner): Marker {
  const isMine = (): boolean => read(path)?.owner?.nonce === me.nonce;
  return {
    say(news) {
      if (!isMine()) return;
      const temporary = temporaryOf(path, me);
      writeFileSync(temporary, JSON.stringify({ ...me, news }), { mode: 0o600 });
      renameSync(temporary, path);
    },
    remove() {
      if (!isMine()) return;
      sweep(path);
      rmSync(path, { force: true });
    },
  };
}

/** Removes what belongs to a marker of ours, and what killed processes left: while we hold it none of that means anything. */
function sweep(path: string): void {
  const directory = dirname(path);
  for (const name of readdirSync(directory))
    if (name.startsWith(`${basename(path)}.`)) rmSync(join(directory, name), { force: true });
}

function temporaryOf(path: string, me: Owner): string {
  return `${path}.${me.nonce}.tmp`;
}

function read(
  path: string,
): { readonly text: string; readonly owner: Owner | undefined; readonly mtimeMs: number } | undefined {
  try {
    const { mtimeMs } = lstatSync(path);
    const text = readFileSync(path, 'utf8');
    return { text, owner: ownerIn(text), mtimeMs };
  } catch {
    return undefined; // just removed
  }
}

function ownerIn(text: string): Owner | undefined {
  try {
    const owner: Owner = JSON.parse(text); // written by us
    return typeof owner.pid === 'number' ? owner : undefined;
  } catch {
    return undefined;
  }
}
