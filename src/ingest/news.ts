import type { Host, Provider } from '../provider.ts';
import type { Database } from '../store/driver.ts';
import { createFileTable } from '../store/files.ts';
import { type Discovery, discover } from './discover.ts';
import { isResting, unchanged } from './identity.ts';

/** Files with something new, without reading any of them. */
export function whatIsNew(
  db: Database,
  providers: ReadonlyMap<string, Provider>,
  host: Host,
  now: number,
): { readonly discovery: Discovery; readonly files: number } {
  const discovery = discover(providers, host);
  const index = createFileTable(db).seen();
  const changed = discovery.candidates.filter(
    (candidate) =>
      unchanged(index, candidate, providers.get(candidate.provider)?.parserVersion) === undefined &&
      !isResting(index, candidate, now),
  );
  return { discovery, files: changed.length };
}
