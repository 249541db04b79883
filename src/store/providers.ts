import { cleanName } from './clean.ts';
import type { Database } from './driver.ts';

/** Kinds of facts a provider's logs may hold, by their public names. */
export const capabilityNames = ['skills', 'hooks', 'mcp_identity', 'task_history', 'interaction_tokens'] as const;
export type CapabilityName = (typeof capabilityNames)[number];

export interface CapabilityFact {
  readonly level: 'exact' | 'estimated' | 'unsupported';
  /** What the provider says of it; null: what the level means. */
  readonly note: string | null;
}

/** What those who may not know a provider are told of it. */
export interface ProviderFacts {
  readonly id: string;
  readonly title: string;
  /** Is it read? Not when `providers.enabled` names others only. */
  readonly enabled: boolean;
  readonly capabilities: Readonly<Record<CapabilityName, CapabilityFact>>;
  /** Absolute, as the provider named them when its logs were last looked for. */
  readonly roots: readonly { readonly root: string; readonly exists: boolean }[];
  /** Places that show it is on this machine and are not read. */
  readonly signs: readonly { readonly path: string; readonly what: string; readonly exists: boolean }[];
  /** What it uses and writes down nowhere, in a sentence; null: nothing known. */
  readonly unrecorded: string | null;
  /** What went wrong in the provider itself, without a word of any log; null: nothing. */
  readonly failure: string | null;
}

export interface StoredProvider extends ProviderFacts {
  /** Its files have been changing since then (UTC ms) without a turn; null: they have not. */
  readonly quietSince: number | null;
}

interface Row {
  readonly id: string;
  readonly title: string;
  readonly enabled: number;
  readonly capabilities: string;
  readonly roots: string;
  readonly failure: string | null;
  readonly quietSince: number | null;
}

/** Every provider as it was last seen, by id. */
export function storedProviders(db: Database): readonly StoredProvider[] {
  return db
    .prepare<[], Row>(
      'SELECT id, title, enabled, capabilities, roots, failure, quiet_since AS quietSince FROM provider ORDER BY id',
    )
    .all()
    .map((row) => ({ ...row, enabled: row.enabled === 1, ...factsIn(row) }));
}

type Told = Pick<ProviderFacts, 'capabilities' | 'unrecorded' | 'roots' | 'signs' | 'failure'>;

/** Of a damaged row nothing is claimed but that it is one; the next reading writes it anew. */
function factsIn({ id, capabilities, roots, failure }: Row): Told {
  try {
    return { ...toldIn(JSON.parse(capabilities)), ...placesIn(JSON.parse(roots)), failure };
  } catch {
    const nothing = { level: 'unsupported', note: null } as const;
    return {
      capabilities: Object.fromEntries(capabilityNames.map((name) => [name, nothing])) as ProviderFacts['capabilities'], // each once
      unrecorded: null,
      roots: [],
      signs: [],
      failure: `what the database says of ${cleanName(id)} is damaged; the next report that reads logs mends it`,
    };
  }
}

/** @throws TypeError when it is not what saveProviders writes */
function toldIn({ unrecorded = null, ...levels }: Record<string, unknown>): Pick<Told, 'capabilities' | 'unrecorded'> {
  for (const name of capabilityNames) {
    const { level, note } = levels[name] as Partial<CapabilityFact>; // checked here
    if (!knownLevels.has(String(level)) || (note !== null && typeof note !== 'string')) throw new TypeError(name);
  }
  if (unrecorded !== null && typeof unrecorded !== 'string') throw new TypeError('unrecorded');
  return { capabilities: levels as ProviderFacts['capabilities'], unrecorded }; // as just seen
}

const knownLevels: ReadonlySet<string> = new Set<CapabilityFact['level']>(['exact', 'estimated', 'unsupported']);

/** One list: what a place is stands with those that are not read. @throws TypeError when it is not what saveProviders writes */
function placesIn(places: readonly Place[]): Pick<ProviderFacts, 'roots' | 'signs'> {
  for (const { root, exists, what = '' } of places)
    if (typeof root !== 'string' || typeof exists !== 'boolean' || typeof what !== 'string')
      throw new TypeError('roots');
  return {
    roots: places.filter(({ what }) => what === undefined),
    signs: places.flatMap(({ root, what, exists }) => (what === undefined ? [] : [{ path: root, what, exists }])),
  };
}

interface Place {
  readonly root: string;
  readonly exists: boolean;
  readonly what?: string;
}

/** Is anything about the providers other than the store says? */
export function providersDiffer(db: Database, facts: readonly ProviderFacts[]): boolean {
  const stored = new Map(storedProviders(db).map(({ quietSince: _, ...row }) => [row.id, textOf(row)]));
  return stored.size !== facts.length || facts.some((each) => stored.get(each.id) !== textOf(each));
}

/** Keeps what is new about the providers; those no longer there are forgotten. Writes nothing when nothing is. */
export function saveProviders(db: Database, facts: readonly ProviderFacts[], now: number): void {
  if (!providersDiffer(db, facts)) return;
  const save = db.prepare(
    `INSERT INTO provider (id, title, enabled, capabilities, roots, failure, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET title = excluded.title, enabled = excluded.enabled, capabilities = excluded.capabilities,
       roots = excluded.roots, failure = excluded.failure, seen_at = excluded.seen_at`,
  );
  db.transaction(() => {
    for (const { id, title, enabled, capabilities, unrecorded, roots, signs, failure } of facts) {
      const told = JSON.stringify(unrecorded === null ? capabilities : { ...capabilities, unrecorded });
      const places = [...roots, ...signs.map(({ path, what, exists }) => ({ root: path, exists, what }))];
      save.run(id, title, enabled ? 1 : 0, told, JSON.stringify(places), failure, now);
    }
    db.prepare('DELETE FROM provider WHERE id NOT IN (SELECT value FROM json_each(?))').run(
      JSON.stringify(facts.map((each) => each.id)),
    );
  }).immediate();
}

/** Keeps since when a provider's files have been changing without a turn; a time that is kept already stands. */
export function markQuiet(db: Database, provider: string, since: number): void {
  db.prepare('UPDATE provider SET quiet_since = ? WHERE id = ? AND quiet_since IS NULL').run(since, provider);
}

/** A turn came. */
export function clearQuiet(db: Database, provider: string): void {
  db.prepare('UPDATE provider SET quiet_since = NULL WHERE id = ? AND quiet_since IS NOT NULL').run(provider);
}

function textOf({ id, title, enabled, capabilities, unrecorded, roots, signs, failure }: ProviderFacts): string {
  const levels = capabilityNames.map((name) => [capabilities[name].level, capabilities[name].note]);
  const places = roots.map(({ root, exists }) => [root, exists]);
  const others = signs.map(({ path, what, exists }) => [path, what, exists]);
  return JSON.stringify([id, title, enabled, levels, unrecorded, places, others, failure]);
}
