import { accessSync, constants } from 'node:fs';
import { tildePath } from '../../display.ts';
import { systemPath } from '../../file-name.ts';
import type { Discovery } from '../../ingest/discover.ts';
import { newBytes, unchanged } from '../../ingest/identity.ts';
import { providerFacts } from '../../ingest/provider-facts.ts';
import { countOf, formatAge, formatBytes, groupDigits } from '../../report/format.ts';
import { buildProviders } from '../../report/providers.ts';
import { createFileTable } from '../../store/files.ts';
import { storedProviders } from '../../store/providers.ts';
import { type WorstFile, worstFiles } from '../../store/queries/worst-files.ts';
import { defineCheck, type Fact, type Subject } from '../check.ts';

const worstShown = 3;

/** Every provider's logs: where, how far they are read, and what could not be. */
export default defineCheck({
  title: 'Logs',
  place: 5,
  look(subject) {
    const { store, settings, discoveries, home, now } = subject;
    const roots = [...discoveries.values()].flatMap((discovery) => discovery.roots);
    const live = providerFacts(settings, roots);
    const quiet = new Map(
      store.db === undefined ? [] : storedProviders(store.db).map((each) => [each.id, each.quietSince]),
    );
    const facts = live.map((each) => ({ ...each, quietSince: quiet.get(each.id) ?? null }));
    const { providers } = buildProviders(store.db, facts, { now, home });
    const behind = bytesBehind(subject);
    const found = providers.filter((provider) => provider.found || provider.failure !== null);
    return [
      ...(found.length === 0
        ? [
            {
              name: 'found',
              label: 'Found',
              value: 0,
              text: 'none',
              advice: 'No agent’s logs were found. scopeon providers says where scopeon looked.',
            },
          ]
        : []),
      ...found.map((provider) => providerFact(provider, subject, behind.get(provider.id) ?? 0)),
    ];
  },
});

type ProviderJson = ReturnType<typeof buildProviders>['providers'][number];

function providerFact(provider: ProviderJson, subject: Subject, behind: number): Fact {
  const { now, store, discoveries } = subject;
  const discovery = discoveries.get(provider.id);
  const unreadable = discovery === undefined ? [] : unreadableFiles(discovery);
  const worst = store.db === undefined ? [] : worstFiles(store.db, provider.id, worstShown);
  const last = provider.last_event_at === null ? null : now - Date.parse(provider.last_event_at);
  const { skipped, roots = [], signs = [] } = provider;
  const files = discovery?.candidates.length ?? provider.files;
  const counts: readonly (readonly [number, string])[] = [
    [skipped.invalid, 'invalid'],
    [skipped.oversize, 'too long'],
    [provider.bad_values, 'counts beyond belief'],
    [provider.unknown_types, 'of unknown kinds'],
    [provider.quarantined_files, 'files without a readable line'],
    [discovery?.skippedLinks ?? 0, 'links passed over'],
  ];
  const amiss = counts.filter(([count]) => count > 0).map(([count, what]) => `${groupDigits(count)} ${what}`);
  return {
    name: provider.id,
    label: provider.id,
    value: {
      enabled: provider.enabled,
      roots: roots.map((root) => ({ ...root })),
      signs: signs.map((sign) => ({ ...sign })),
      files,
      bytes_behind: behind,
      last_event_at: provider.last_event_at,
      last_change_at: provider.last_change_at,
      invalid: skipped.invalid,
      oversize: skipped.oversize,
      bad_values: provider.bad_values,
      unknown_types: provider.unknown_types,
      quarantined_files: provider.quarantined_files,
      broken_files: provider.broken_files,
      skipped_links: discovery?.skippedLinks ?? 0,
      unlisted_directories: discovery?.unlisted.length ?? 0,
      unreadable_files: unreadable.length,
      worst_files: worst.map((file) => worstJson(file, subject.home)),
      dark: provider.dark,
      failure: provider.failure,
    },
    text: [
      [
        ...(provider.enabled ? [] : ['off']),
        countOf(files, 'file'),
        ...(behind > 0 ? [`${formatBytes(behind)} not read yet`] : files > 0 ? ['all read'] : []),
        ...(last === null ? [] : [`last line ${formatAge(last)}`]),
      ].join(' · '),
      ...roots.filter((root) => root.exists).map((root) => root.path),
      ...(files > 0 ? [] : signs.filter((sign) => sign.exists).map((sign) => `${sign.path} (${sign.what}: not read)`)),
      ...(amiss.length === 0 ? [] : [`passed over: ${amiss.join(', ')}`]),
      ...worst.map((file) => worstText(file, subject.home)),
    ],
    ...adviceOf(provider, discovery, unreadable, subject.home),
  };
}

function adviceOf(
  provider: ProviderJson,
  discovery: Discovery | undefined,
  unreadable: readonly string[],
  home: string,
): { readonly advice?: string } {
  const [locked = discovery?.unlisted[0]] = unreadable;
  const count = unreadable.length + (discovery?.unlisted.length ?? 0);
  const sentences = [
    ...(locked === undefined
      ? []
      : [
          `${countOf(count, 'file or folder', 'files and folders')} cannot be read, the first ${tildePath(locked, home)}: allow it.`,
        ]),
    ...(provider.failure === null ? [] : [`scopeon failed on it (${provider.failure}): please report that.`]),
    ...(provider.broken_files === 0
      ? []
      : [`scopeon failed on ${countOf(provider.broken_files, 'file')} of it: please report that.`]),
    ...(provider.dark
      ? [
          'It went dark: its files go on changing without a turn. Its format may have changed: look for a newer scopeon.',
        ]
      : []),
    ...(discovery?.isPartial === true ? ['There are more than 200,000 files: those beyond are left out.'] : []),
  ];
  return sentences.length === 0 ? {} : { advice: sentences.join(' ') };
}

/** Bytes that the next report would read, by provider. */
function bytesBehind({ store, settings, discoveries }: Subject): ReadonlyMap<string, number> {
  const index = store.db === undefined ? undefined : createFileTable(store.db).seen();
  return new Map(
    [...discoveries].map(([id, { candidates }]) => [
      id,
      candidates.reduce((sum, candidate) => {
        if (index === undefined) return sum + candidate.size;
        const known = unchanged(index, candidate, settings.providers.get(id)?.parserVersion);
        return known === undefined ? sum + newBytes(index, candidate) : sum;
      }, 0),
    ]),
  );
}

function unreadableFiles({ candidates }: Discovery): readonly string[] {
  return candidates.map((candidate) => candidate.path).filter((path) => !isReadable(path));
}

function isReadable(path: string): boolean {
  try {
    accessSync(systemPath(path), constants.R_OK);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'; // gone since it was listed
  }
}

function worstJson(file: WorstFile, home: string): { readonly [key: string]: string | number | boolean | null } {
  return {
    path: tildePath(file.path, home),
    invalid: file.invalid,
    oversize: file.oversize,
    first_bad_offset: file.firstBadOffset,
    quarantined: file.quarantined === 1,
    failure: file.failure,
  };
}

function worstText(file: WorstFile, home: string): string {
  const counts = [
    ...(file.invalid === 0 ? [] : [`${groupDigits(file.invalid)} invalid`]),
    ...(file.oversize === 0 ? [] : [`${groupDigits(file.oversize)} too long`]),
    ...(file.failure === null ? [] : [file.failure]),
  ];
  const from = file.firstBadOffset === null ? '' : ` from byte ${groupDigits(file.firstBadOffset)} on`;
  return `${tildePath(file.path, home)}: ${counts.join(', ')}${from}`;
}
