import type { Database } from '../driver.ts';
import { isTracked } from '../files.ts';

/** What was read of a provider's logs. Counts are of records, times UTC ms. */
export interface ProviderUse {
  readonly files: number;
  /** Files that are gone; their figures stay. */
  readonly missingFiles: number;
  readonly quarantinedFiles: number;
  /** Files on which the provider broke. */
  readonly brokenFiles: number;
  readonly records: number;
  readonly invalid: number;
  readonly oversize: number;
  readonly badValues: number;
  readonly unknownTypes: number;
  readonly lastChangeAt: number | null;
  readonly lastReadAt: number | null;
  /** Distinct top-level sessions with a turn. */
  readonly sessions: number;
  readonly turns: number;
  readonly lastTurnAt: number | null;
  /** Newest record of any kind. */
  readonly lastEventAt: number | null;
}

const nothing: ProviderUse = {
  files: 0,
  missingFiles: 0,
  quarantinedFiles: 0,
  brokenFiles: 0,
  records: 0,
  invalid: 0,
  oversize: 0,
  badValues: 0,
  unknownTypes: 0,
  lastChangeAt: null,
  lastReadAt: null,
  sessions: 0,
  turns: 0,
  lastTurnAt: null,
  lastEventAt: null,
};

/** By provider; one of which nothing was read has zeros. */
export function providerUse(db: Database): (provider: string) => ProviderUse {
  const use = new Map<string, ProviderUse>();
  const add = ({ provider, ...part }: Partial<ProviderUse> & { readonly provider: string }): void =>
    void use.set(provider, { ...(use.get(provider) ?? nothing), ...part });
  db.prepare<[], Partial<ProviderUse> & { readonly provider: string }>(
    `SELECT provider, SUM(missing_since IS NULL) AS files, SUM(missing_since IS NOT NULL) AS missingFiles,
       SUM(quarantined) AS quarantinedFiles, SUM(failure IS NOT NULL) AS brokenFiles, SUM(records) AS records,
       SUM(invalid) AS invalid, SUM(oversize) AS oversize, SUM(bad_value) AS badValues, SUM(unknown_type) AS unknownTypes,
       CAST(MAX(NULLIF(mtime_ms, -1)) AS INTEGER) AS lastChangeAt, MAX(last_read_at) AS lastReadAt FROM source_file WHERE ${isTracked} GROUP BY provider`,
  )
    .all()
    .forEach(add);
  db.prepare<[], Partial<ProviderUse> & { readonly provider: string }>(
    `SELECT provider, COUNT(DISTINCT CASE WHEN last_turn_at IS NOT NULL THEN top_id END) AS sessions,
       MAX(last_turn_at) AS lastTurnAt, MAX(last_at) AS lastEventAt FROM session GROUP BY provider`,
  )
    .all()
    .forEach(add);
  db.prepare<[], { readonly provider: string; readonly turns: number }>(
    'SELECT provider, SUM(turns) AS turns FROM rollup GROUP BY provider',
  )
    .all()
    .forEach(add);
  return (provider) => use.get(provider) ?? nothing;
}

/** Pauses between a provider's turns since then that were shorter than `longest`, in ms. */
export function providerPauses(db: Database, provider: string, since: number, longest: number): readonly number[] {
  return db
    .prepare<[string, number, number], { pause: number }>(
      `SELECT pause FROM (
         SELECT t.at - LAG(t.at) OVER (ORDER BY t.at) AS pause FROM turn t JOIN session s ON s.id = t.session_id
         WHERE s.provider = ? AND t.at >= ?)
       WHERE pause < ?`,
    )
    .all(provider, since, longest)
    .map((row) => row.pause);
}

/** Has this provider ever been used here? */
export function hasSessionOf(db: Database, provider: string): boolean {
  return db.prepare<[string], number>('SELECT 1 FROM session WHERE provider = ? LIMIT 1').get(provider) !== undefined;
}
