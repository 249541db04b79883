import type { Database } from '../store/driver.ts';
import { readMeta, writeMeta } from '../store/meta.ts';
import type { Discovery } from './discover.ts';
import type { IngestSettings } from './settings.ts';

const fact = 'left_out';

/**
 * Says what of the logs was not read, for whoever wonders about the figures: once, and again when it becomes something
 * else. Names the first of it, no content.
 */
export function tellLeftOut(
  db: Database,
  { discovery, unreadable }: { readonly discovery: Discovery; readonly unreadable: readonly string[] },
  { faults = new Map(), notice }: Pick<IngestSettings, 'faults' | 'notice'>,
): void {
  const kinds = [
    counted(unreadable.length, 'file that cannot be read', 'files that cannot be read'),
    counted(discovery.unlisted.length, 'folder that cannot be listed', 'folders that cannot be listed'),
    counted(discovery.irregular, 'link or pipe named like a log', 'links or pipes named like a log'),
    ...[...faults].map(([id, fault]) => `all of ${id}, of which the reader is broken: ${fault}`),
    ...(discovery.isPartial ? ['all files beyond 200,000'] : []),
  ].filter((kind) => kind !== undefined);
  const first = unreadable[0] ?? discovery.unlisted[0];
  const sentence =
    kinds.length === 0
      ? undefined
      : `Left out of the figures: ${kinds.join(', ')}.${first === undefined ? '' : ` The first is ${first}.`}`;
  if (readMeta(db, fact) === sentence) return;
  writeMeta(db, fact, sentence);
  if (sentence !== undefined) notice(sentence);
}

function counted(count: number, one: string, several: string): string | undefined {
  return count === 0 ? undefined : `${count.toLocaleString('en-US')} ${count === 1 ? one : several}`;
}
