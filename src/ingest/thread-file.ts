import { programRoot } from '../members.ts';

/** A thread's entry in the built program; sources are run by loaders that threads do not have, so they use it too. */
export function threadFile(path: string): URL {
  return new URL(programRoot.pathname.endsWith('/src/') ? `../dist/${path}` : path, programRoot);
}
