import { expect, it } from 'vitest';
import { createQuietNotes } from '../../src/ingest/quiet.ts';
import { saveProviders, storedProviders } from '../../src/store/providers.ts';
import { createWrittenStore } from '../helpers/written-store.ts';

const minute = 60_000;
const unsupported = { level: 'unsupported', note: null } as const;

it('while watching only a long spell without a turn is kept, with its beginning', async () => {
  const store = await createWrittenStore('codex');
  const capabilities = {
    skills: unsupported,
    hooks: unsupported,
    mcp_identity: unsupported,
    task_history: unsupported,
    interaction_tokens: unsupported,
  };
  const nothing = { roots: [], signs: [], unrecorded: null, failure: null };
  saveProviders(store.db, [{ id: 'codex', title: 'Codex', enabled: true, capabilities, ...nothing }], 0);
  const note = createQuietNotes(store.db);
  const tell = (speaks: boolean, at: number, isWatching = true): number | null | undefined => {
    note(new Map([['codex', speaks]]), at, isWatching);
    return storedProviders(store.db)[0]?.quietSince;
  };
  try {
    expect(tell(false, minute)).toBe(null);
    expect(tell(false, 10 * minute)).toBe(null);
    expect(tell(false, 11 * minute)).toBe(minute);
    expect(tell(false, 20 * minute)).toBe(minute);
    expect(tell(true, 21 * minute)).toBe(null);
    expect(tell(false, 22 * minute)).toBe(null);
    expect(tell(false, 23 * minute, false)).toBe(22 * minute);
  } finally {
    store.remove();
  }
});
