import type { Database } from '../store/driver.ts';
import { clearQuiet, markQuiet } from '../store/providers.ts';

/** Between a question and its answer files change without a turn too: while watching, such spells are not worth a write. */
const shortSpellMs = 10 * 60 * 1000;

/**
 * Notes since when a provider's files have been changing without a turn. To be told after each pass of the providers
 * with something new, and whether turns were among it.
 */
export function createQuietNotes(
  db: Database,
): (changed: ReadonlyMap<string, boolean>, now: number, isWatching: boolean) => void {
  const quietSince = new Map<string, number>();
  return (changed, now, isWatching) => {
    for (const [provider, speaks] of changed) {
      if (speaks) {
        quietSince.delete(provider);
        clearQuiet(db, provider);
        continue;
      }
      const since = quietSince.get(provider) ?? now;
      quietSince.set(provider, since);
      if (!isWatching || now - since >= shortSpellMs) markQuiet(db, provider, since);
    }
  };
}
