import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { Host } from './provider.ts';

const largest = 256 * 1024; // 256 KiB

/** The machine as providers may see it. */
export function createHost(
  facts: Pick<Host, 'home' | 'env' | 'platform'> & { readonly generic?: Host['generic'] | undefined },
): Host {
  return { ...facts, generic: facts.generic ?? { paths: [], name: 'Custom OpenAI' }, list, read };
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function read(path: string): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false }); // mostly there is none, and an error is dear
    return stat?.isFile() === true && stat.size <= largest ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}
