import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import { nameOfBytes, systemPath } from '../file-name.ts';
import type { Host, Provider } from '../provider.ts';
import { type LogParts, type LogStat, lookAt, partsOf } from './look.ts';
import { isStarved } from './open-log.ts';

const deepest = 8;
const mostFiles = 200_000;
/** How long, and how often in one walk, to wait for a free descriptor. */
const descriptorWaitMs = 50;
const descriptorWaits = 20;

/** A file that may hold events, as the directory shows it. */
export interface Candidate extends LogParts {
  readonly provider: string;
  readonly root: string;
  readonly path: string;
  readonly relativePath: string;
  readonly dev: number;
  readonly ino: number;
  /** Of a database with its write-ahead log. */
  readonly size: number;
  readonly mtimeMs: number;
}

export interface RootReport {
  readonly provider: string;
  readonly root: string;
  readonly exists: boolean;
  /** It is one log and no directory of them. */
  readonly isFile: boolean;
}

export interface Discovery {
  readonly candidates: readonly Candidate[];
  readonly roots: readonly RootReport[];
  /** Where the roots that were walked really lie. */
  readonly listed: readonly string[];
  /** Directories that could not be listed: of their files nothing is known, least of all that they were deleted. */
  readonly unlisted: readonly string[];
  readonly skippedLinks: number;
  /** Links, pipes and the like that have the name of a log. */
  readonly irregular: number;
  /** Only some files were looked at: what is missing here says nothing. */
  readonly isPartial: boolean;
}

interface DiscoverOptions {
  readonly most?: number | undefined;
  /** Called for each as it is found. */
  readonly onFile?: ((sizeBytes: number) => void) | undefined;
}

/**
 * Walks the roots of every provider. Linked directories are not entered, and only regular files are taken; two roots
 * that are one directory are walked once. A root that is a file is itself a candidate, whatever its name.
 */
export function discover(
  providers: ReadonlyMap<string, Provider>,
  host: Host,
  { most = mostFiles, onFile = () => undefined }: DiscoverOptions = {},
): Discovery {
  const candidates: Candidate[] = [];
  const roots: RootReport[] = [];
  const listed: string[] = [];
  const unlisted = new Set<string>();
  let isPartial = false;
  const seen = new Set<string>();
  /** Places in `candidates` of files with more than one name. */
  const byInode = new Map<string, number>();
  let skippedLinks = 0;
  let irregular = 0;
  let waits = 0;

  function walk(
    provider: string,
    logs: Provider,
    root: string,
    directory: string,
    prefix: string,
    depth: number,
  ): void {
    // Joined by hand, and no more objects than it takes: thousands are looked at before anything can be read.
    const start = directory.endsWith(sep) ? directory : directory + sep;
    for (const entry of list(directory)) {
      const relativePath = prefix + entry.name;
      const path = start + entry.name;
      if (entry.isDirectory()) {
        if (depth < deepest) walk(provider, logs, root, path, `${relativePath}/`, depth + 1);
      } else if (entry.isFile()) {
        if (!logs.accepts(relativePath)) continue;
        if (candidates.length >= most) {
          isPartial = true;
          continue;
        }
        const parts = partsOf(logs, root, relativePath);
        const stat = statOf(path, directory, parts);
        if (stat === undefined) continue;
        const { dev, ino, size, mtimeMs } = stat;
        onFile(size);
        const { database, folder } = parts;
        const candidate = { provider, root, path, relativePath, dev, ino, size, mtimeMs, database, folder };
        if (stat.nlink === 1) candidates.push(candidate);
        else linked(candidate);
      } else {
        if (entry.isSymbolicLink()) skippedLinks++;
        if (logs.accepts(relativePath)) irregular++;
      }
    }
  }

  /** It may lie below another root as well. */
  function single(provider: string, logs: Provider, path: string): void {
    const relativePath = basename(path);
    const parts = partsOf(logs, dirname(path), relativePath);
    const stat = statOf(path, path, parts);
    if (stat === undefined || candidates.some((each) => each.provider === provider && each.path === path)) return;
    const { dev, ino, size, mtimeMs } = stat;
    candidates.push({ provider, root: path, path, relativePath, dev, ino, size, mtimeMs, ...parts });
  }

  /** A file of several names is known by the least of them. */
  function linked(candidate: Candidate): void {
    const inode = `${candidate.provider}\0${candidate.dev}:${candidate.ino}`;
    const index = byInode.get(inode);
    const known = index === undefined ? undefined : candidates[index];
    if (index === undefined || known === undefined) byInode.set(inode, candidates.push(candidate) - 1);
    else if (candidate.path < known.path) candidates[index] = candidate;
  }

  function list(directory: string): readonly Dirent[] {
    for (;;) {
      try {
        return entriesOf(directory);
      } catch (error) {
        if (isStarved(error) && waits++ < descriptorWaits) {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, descriptorWaitMs);
          continue;
        }
        if (!isGone(error)) unlisted.add(directory);
        return [];
      }
    }
  }

  /** A directory may be listed and yet not be entered. */
  function statOf(path: string, directory: string, parts: LogParts): LogStat | undefined {
    try {
      return lookAt(path, parts);
    } catch (error) {
      if (!isGone(error)) unlisted.add(directory);
      return undefined;
    }
  }

  for (const [id, provider] of providers) {
    const files: string[] = [];
    for (const root of provider.roots(host)) {
      const real = realRoot(root);
      roots.push({ provider: id, root, exists: real !== undefined, isFile: real?.isFile === true });
      if (real === undefined || seen.has(`${id}\0${real.path}`)) continue;
      seen.add(`${id}\0${real.path}`);
      if (real.isFile) {
        files.push(real.path);
        continue;
      }
      listed.push(real.path);
      walk(id, provider, real.path, real.path, '', 0);
    }
    for (const path of files) single(id, provider, path);
  }
  return { candidates, roots, listed, unlisted: [...unlisted], skippedLinks, irregular, isPartial };
}

/** A name that is no UTF-8 shows itself by the mark put in its place, which is rare: only then the bytes are asked for. */
function entriesOf(directory: string): readonly Dirent[] {
  const entries = readdirSync(systemPath(directory), { withFileTypes: true });
  if (!entries.some((entry) => entry.name.includes('\ufffd'))) return entries;
  return readdirSync(systemPath(directory), { withFileTypes: true, encoding: 'buffer' }).map((entry) =>
    Object.assign(entry, { name: nameOfBytes(entry.name) }),
  );
}

/** Where a root really lies; it may itself be a link. Undefined when there is neither a directory nor a plain file. */
function realRoot(root: string): { readonly path: string; readonly isFile: boolean } | undefined {
  try {
    const path = nameOfBytes(realpathSync.native(root, 'buffer'));
    const stat = statSync(systemPath(path));
    return stat.isDirectory() || stat.isFile() ? { path, isFile: stat.isFile() } : undefined;
  } catch {
    return undefined;
  }
}

/** Vanished since its name was seen? Everything else that can go wrong says nothing of what is there. */
function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
