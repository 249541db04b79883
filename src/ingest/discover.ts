import { type Dirent, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Host, Provider } from '../provider.ts';

const deepest = 8;
const mostFiles = 200_000;

/** A file that may hold events, as the directory shows it. */
export interface Candidate {
  readonly provider: string;
  readonly root: string;
  readonly path: string;
  readonly relativePath: string;
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
}

export interface RootReport {
  readonly provider: string;
  readonly root: string;
  readonly exists: boolean;
}

export interface Discovery {
  readonly candidates: readonly Candidate[];
  readonly roots: readonly RootReport[];
  /** Directories that could not be listed: of their files nothing is known, least of all that they were deleted. */
  readonly unlisted: readonly string[];
  readonly skippedLinks: number;
  /** Only some files were looked at: what is missing here says nothing. */
  readonly isPartial?: boolean;
}

/**
 * Walks the roots of every provider. Linked directories are not entered, and only regular files are taken; two roots
 * that are one directory are walked once.
 */
export function discover(providers: ReadonlyMap<string, Provider>, host: Host): Discovery {
  const candidates: Candidate[] = [];
  const roots: RootReport[] = [];
  const unlisted: string[] = [];
  const seen = new Set<string>();
  /** Places in `candidates` of files with more than one name. */
  const byInode = new Map<string, number>();
  let skippedLinks = 0;

  function walk(
    provider: string,
    accepts: Provider['accepts'],
    root: string,
    directory: string,
    prefix: string,
    depth: number,
  ): void {
    for (const entry of list(directory)) {
      const relativePath = prefix + entry.name;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        if (depth < deepest) walk(provider, accepts, root, path, `${relativePath}/`, depth + 1);
      } else if (entry.isFile()) {
        if (!accepts(relativePath) || candidates.length >= mostFiles) continue;
        const stat = lstatOf(path);
        if (stat?.isFile() !== true) continue;
        const { dev, ino, size, mtimeMs } = stat;
        const candidate = { provider, root, path, relativePath, dev, ino, size, mtimeMs };
        if (stat.nlink === 1) candidates.push(candidate);
        else linked(candidate);
      } else if (entry.isSymbolicLink()) {
        skippedLinks++;
      }
    }
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
    try {
      return readdirSync(directory, { withFileTypes: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') unlisted.push(directory);
      return [];
    }
  }

  for (const [id, provider] of providers) {
    for (const root of provider.roots(host)) {
      const real = realDirectory(root);
      roots.push({ provider: id, root, exists: real !== undefined });
      if (real === undefined) {
        // Gone and unreachable look alike from here: a root that is missing deletes nothing.
        unlisted.push(root);
        continue;
      }
      if (seen.has(`${id}\0${real}`)) continue;
      seen.add(`${id}\0${real}`);
      walk(id, provider.accepts, real, real, '', 0);
    }
  }
  return { candidates, roots, unlisted, skippedLinks };
}

/** Where a root really lies; it may itself be a link. Undefined when it is not there. */
function realDirectory(root: string): string | undefined {
  try {
    const real = realpathSync.native(root);
    return statSync(real).isDirectory() ? real : undefined;
  } catch {
    return undefined;
  }
}

function lstatOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined; // vanished between the listing and the look
  }
}
