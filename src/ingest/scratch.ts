import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { identifyProcess, isProcessAlive, type ProcessIdentity } from '../store/lease.ts';

/** Beside the store, one directory per process that reads. */
const folder = 'copies';

/** A private place for copies of what other programs own; empty and gone between passes. */
export interface Scratch {
  /** Absolute; made by whoever needs it, 0700. */
  readonly path: string;
  /** Takes it away, and with it what processes that were killed left behind. */
  clear(): void;
}

export function createScratch(storeFile: string): Scratch {
  const parent = join(dirname(storeFile), folder);
  const mine = nameOf(identifyProcess());
  const path = join(parent, mine);
  return {
    path,
    clear() {
      const names = list(parent);
      for (const name of names) {
        const who = processOf(name);
        if (name === mine)
          removeEmpty(path); // another thread may be at it
        else if (who !== undefined && !isProcessAlive(who))
          rmSync(join(parent, name), { recursive: true, force: true });
      }
      if (names.length > 0) removeEmpty(parent);
    },
  };
}

function nameOf({ pid, processStart, bootId }: ProcessIdentity): string {
  return [pid, processStart, bootId].join('_');
}

function processOf(name: string): ProcessIdentity | undefined {
  const [, pid, processStart, bootId] = /^(\d+)_(\d*)_([0-9a-f-]*)$/.exec(name) ?? [];
  return pid === undefined || processStart === undefined || bootId === undefined
    ? undefined
    : { pid: Number(pid), processStart, bootId };
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // somebody's copies are in it, or it went away
  }
}
