import { lstatSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';

/**
 * The repository a directory belongs to: the main worktree's root, so that linked worktrees and subfolders fold into
 * it; the directory itself where there is no repository. Reads `.git`, never runs git; the directory need not exist
 * any more as long as its repository does.
 */
export function findProject(cwd: string): { readonly root: string; readonly isRepository: boolean } {
  // A network path from a log is not followed: looking at it would already contact its host.
  if (!isAbsolute(cwd) || cwd.startsWith('\\\\') || cwd.startsWith('//')) return { root: cwd, isRepository: false };
  for (let directory = resolve(cwd), steps = 0; steps < 64; directory = dirname(directory), steps++) {
    const root = repositoryAt(directory);
    if (root !== undefined) return { root, isRepository: true };
    if (directory === dirname(directory)) break;
  }
  return { root: resolve(cwd), isRepository: false };
}

function repositoryAt(directory: string): string | undefined {
  const marker = join(directory, '.git');
  try {
    const stat = lstatSync(marker);
    if (stat.isDirectory()) return isGitDirectory(marker) ? directory : undefined;
    if (!stat.isFile() || stat.size > 4096) return undefined;
    return mainWorktree(directory, readFileSync(marker, 'utf8')) ?? directory;
  } catch {
    return undefined;
  }
}

function isGitDirectory(path: string): boolean {
  try {
    return statSync(join(path, 'HEAD')).isFile();
  } catch {
    return false;
  }
}

/** Follows a linked worktree's `.git` file to its repository. A submodule is a repository of its own. */
function mainWorktree(directory: string, marker: string): string | undefined {
  const gitDirectory = /^gitdir: (.+?)\s*$/m.exec(marker)?.[1];
  if (gitDirectory === undefined) return undefined;
  const path = resolve(directory, gitDirectory);
  if (basename(dirname(path)) !== 'worktrees') return undefined;
  const common = dirname(dirname(path));
  return basename(common) === '.git' ? dirname(common) : common;
}
