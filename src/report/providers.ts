import { tildePath } from '../display.ts';
import { isDark, longestPauseMs } from '../metrics/silence.ts';
import type { Database } from '../store/driver.ts';
import { type ProviderFacts, storedProviders } from '../store/providers.ts';
import { type ProviderUse, providerPauses, providerUse } from '../store/queries/provider-use.ts';
import { isoOf } from './build.ts';
import { capabilityList } from './capabilities.ts';
import type { ProvidersJson } from './shape.ts';

const habitMs = 30 * 24 * 60 * 60 * 1000;

export interface ProvidersRequest {
  readonly now: number;
  /** Shown as `~`. Undefined: no paths at all. */
  readonly home: string | undefined;
}

/**
 * What is known of every provider. `facts`: as stored, or as found just now where there is no store yet.
 */
export function buildProviders(
  db: Database | undefined,
  facts: readonly (ProviderFacts & { readonly quietSince?: number | null })[],
  { now, home }: ProvidersRequest,
): ProvidersJson {
  const useOf = db === undefined ? undefined : providerUse(db);
  return {
    schema_version: 1,
    generated_at: new Date(now).toISOString(),
    providers: facts.map((provider) => {
      const use = useOf?.(provider.id);
      const quietSince = provider.quietSince ?? null;
      const pauses = (): readonly number[] =>
        db === undefined ? [] : providerPauses(db, provider.id, now - habitMs, longestPauseMs);
      return {
        id: provider.id,
        title: provider.title,
        enabled: provider.enabled,
        found: [...provider.roots, ...provider.signs].some((place) => place.exists),
        ...(home === undefined
          ? {}
          : {
              roots: provider.roots.map(({ root, exists }) => ({ path: tildePath(root, home), exists })),
              signs: provider.signs.map((sign) => ({ ...sign, path: tildePath(sign.path, home) })),
            }),
        ...countsOf(use),
        capabilities: capabilityList(provider.id, provider.capabilities).map(({ provider: _, ...rest }) => rest),
        unrecorded: provider.unrecorded,
        failure: provider.failure,
        dark: provider.enabled && isDark(quietSince, use?.lastChangeAt ?? null, pauses),
        silent_since: isoOf(quietSince),
      };
    }),
  };
}

/** Providers whose files change without a turn. What was read of each is summed up only if one may be. */
export function darkProviders(
  db: Database,
  now: number,
): readonly Pick<ProvidersJson['providers'][number], 'id' | 'title' | 'silent_since'>[] {
  const facts = storedProviders(db).filter((provider) => provider.quietSince !== null);
  if (facts.length === 0) return [];
  return buildProviders(db, facts, { now, home: undefined }).providers.filter((provider) => provider.dark);
}

type Counts = Pick<
  ProvidersJson['providers'][number],
  | 'files'
  | 'missing_files'
  | 'sessions'
  | 'turns'
  | 'last_turn_at'
  | 'last_event_at'
  | 'last_change_at'
  | 'records'
  | 'skipped'
  | 'bad_values'
  | 'unknown_types'
  | 'quarantined_files'
  | 'broken_files'
>;

function countsOf(use: ProviderUse | undefined): Counts {
  return {
    files: use?.files ?? 0,
    missing_files: use?.missingFiles ?? 0,
    sessions: use?.sessions ?? 0,
    turns: use?.turns ?? 0,
    last_turn_at: isoOf(use?.lastTurnAt ?? null),
    last_event_at: isoOf(use?.lastEventAt ?? null),
    last_change_at: isoOf(use?.lastChangeAt ?? null),
    records: use?.records ?? 0,
    skipped: { invalid: use?.invalid ?? 0, oversize: use?.oversize ?? 0 },
    bad_values: use?.badValues ?? 0,
    unknown_types: use?.unknownTypes ?? 0,
    quarantined_files: use?.quarantinedFiles ?? 0,
    broken_files: use?.brokenFiles ?? 0,
  };
}
