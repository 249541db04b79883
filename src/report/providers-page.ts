import { displaySafe, displayWidth, padToWidth, truncateToWidth } from '../display.ts';
import { compactNumber, countOf, formatAge, formatDuration, groupDigits } from './format.ts';
import { drawGrid, type GridColumn } from './grid.ts';
import type { Palette } from './palette.ts';
import type { ProvidersJson } from './shape.ts';
import { wrap } from './wrap.ts';

type Provider = ProvidersJson['providers'][number];

interface Page {
  readonly width: number;
  readonly palette: Palette;
  readonly now: number;
}

/** Every provider: what was read, what its logs tell, where they were looked for, and what is amiss. */
export function renderProviders(
  { providers, generated_at }: ProvidersJson,
  { width, palette }: { readonly width: number; readonly palette: Palette },
): string {
  const page: Page = { width: Math.max(24, Math.min(width, 120)), palette, now: Date.parse(generated_at) };
  const read = providers.filter((provider) => provider.found || provider.files > 0 || provider.turns > 0);
  const sections = [
    ...(read.length === 0 ? [nothingFound(page)] : tables(read, page)),
    places(providers, page),
    unrecorded(read, page),
    warnings(providers, page),
  ].filter((lines) => lines.length > 0);
  return `\n${sections.map((lines) => lines.join('\n')).join('\n\n')}\n\n`;
}

function nothingFound({ width, palette }: Page): readonly string[] {
  const [first = '', ...rest] = wrap(
    'No agent’s logs were found. See scopeon at work: scopeon demo'.split(' '),
    width - 2,
  );
  return [palette.bold(first), ...rest].map((line) => ` ${line}`);
}

// ---- what was read --------------------------------------------------------------------------------------------------

/** One table of what was read and of what the logs tell; where it is too narrow for that, the second in lines below. */
function tables(providers: readonly Provider[], page: Page): readonly (readonly string[])[] {
  const { width, palette } = page;
  const whole = table(providers, page, true);
  if (levels.every(({ title }) => whole.some((line) => line.includes(title))))
    return [[...whole, '', palette.dim(truncateToWidth(` ${legend}`, width))]];
  return [table(providers, page, false), levelLines(providers, page)];
}

type Level = Provider['capabilities'][number];

/** What logs can tell beside tokens, by the words of a table and of a sentence. */
const levels: readonly { readonly name: Level['capability']; readonly title: string; readonly words: string }[] = [
  { name: 'skills', title: 'Skills', words: 'skills' },
  { name: 'hooks', title: 'Hooks', words: 'hooks' },
  { name: 'mcp_identity', title: 'MCP', words: 'MCP servers' },
  { name: 'task_history', title: 'Tasks', words: 'tasks' },
  { name: 'interaction_tokens', title: 'Call tokens', words: 'tokens of calls' },
];
const marks = { exact: '✓', estimated: '~', unsupported: '–' } as const;
const legend = '✓ recorded   ~ worked out   – not recorded locally';

function levelOf({ capabilities }: Provider, name: Level['capability']): Level['level'] {
  return capabilities.find((each) => each.capability === name)?.level ?? 'unsupported';
}

function levelLines(providers: readonly Provider[], { width, palette }: Page): readonly string[] {
  const paints = { exact: palette.green, estimated: palette.dim, unsupported: palette.dim };
  return [
    ` ${palette.bold('What their logs tell')}`,
    ...providers.flatMap((provider) => [
      `  ${truncateToWidth(displaySafe(provider.id), width - 2)}`,
      ...(['exact', 'estimated', 'unsupported'] as const).flatMap((level) => {
        const told = levels.filter(({ name }) => levelOf(provider, name) === level).map(({ words }) => words);
        return wrap(told.join(', ').split(' '), width - 7).map(
          (line, at) => `    ${at === 0 ? paints[level](marks[level]) : ' '} ${line}`,
        );
      }),
    ]),
    ...(displayWidth(legend) < width - 1 ? [legend] : wrap(legend.split(/ {3}/), width - 2)).map(
      (line) => ` ${palette.dim(line)}`,
    ),
  ];
}

function table(providers: readonly Provider[], { width, palette, now }: Page, withLevels: boolean): readonly string[] {
  const number = (title: string, weight: number, of: (provider: Provider) => number): GridColumn<Provider> => ({
    title,
    align: 'right',
    weight,
    cell: (provider) => {
      const value = of(provider);
      return { text: groupDigits(value), short: compactNumber(value), ...(value === 0 ? { paint: palette.dim } : {}) };
    },
  });
  const level = ({ title, name }: (typeof levels)[number]): GridColumn<Provider> => ({
    title,
    align: 'right',
    weight: 2,
    cell: (provider) => {
      const found = levelOf(provider, name);
      return { text: marks[found], paint: found === 'exact' ? palette.green : palette.dim };
    },
  });
  const columns: readonly GridColumn<Provider>[] = [
    {
      title: 'Provider',
      align: 'left',
      weight: 10,
      minWidth: 11,
      cell: (provider) => ({
        text: `${displaySafe(provider.id)}${provider.enabled ? '' : ' (off)'}`,
        paint: provider.enabled ? palette.bold : palette.dim,
      }),
    },
    number('Files', 6, (provider) => provider.files),
    number('Sessions', 7, (provider) => provider.sessions),
    number('Turns', 9, (provider) => provider.turns),
    {
      title: 'Last turn',
      align: 'right',
      weight: 8,
      cell: ({ last_turn_at: at }) => ({ text: formatAge(at === null ? null : now - Date.parse(at)) }),
    },
    number('Skipped', 5, ({ skipped }) => skipped.invalid + skipped.oversize),
    ...(withLevels ? levels.map(level) : []),
  ];
  const rows = providers.map((row) => ({ row, kind: 'row' as const }));
  return drawGrid(columns, rows, width, palette);
}

// ---- where --------------------------------------------------------------------------------------------------------

function places(providers: readonly Provider[], { width, palette }: Page): readonly string[] {
  const named = Math.min(16, Math.max(...providers.map((provider) => displayWidth(provider.id))) + 2);
  const room = Math.max(8, width - named - 2);
  const lines = providers.flatMap((provider) => {
    const { id, enabled, roots = [] } = provider;
    const there = [...roots.filter((root) => root.exists), ...signsOf(provider)];
    // Where it is found the places it is not say little: only those of an agent that is not found at all are listed.
    const shown: readonly Shown[] = there.length > 0 ? there : roots;
    const off = enabled ? [] : [truncateToWidth('off: providers.enabled names others', room)];
    const told = [...shown.map((place) => placeText(place, room)), ...off];
    return (told.length === 0 ? ['nowhere: no path is set'] : told).map((text, index) => {
      const name = padToWidth(index === 0 ? truncateToWidth(displaySafe(id), named - 1) : '', named);
      return there.length > 0 && enabled ? `  ${name}${text}` : palette.dim(`  ${name}${text}`);
    });
  });
  return [` ${palette.bold('Looked in')}`, ...lines.map((line) => line.trimEnd())];
}

interface Shown {
  readonly path: string;
  readonly exists: boolean;
  readonly what?: string;
}

/** What else of the agent is there, but for the folders in which its logs are. */
function signsOf({ roots = [], signs = [] }: Provider): readonly Shown[] {
  const logs = roots.filter((root) => root.exists);
  return signs.filter((sign) => sign.exists && !logs.some((root) => root.path.startsWith(sign.path)));
}

/** The path gives way, not what is said of it. */
function placeText({ path, exists, what }: Shown, room: number): string {
  const note = !exists ? ' (not there)' : what === undefined ? '' : ` (${what}: not read)`;
  const safe = displaySafe(path, 1024);
  const left = room - displayWidth(note);
  return left < 12 ? truncateToWidth(`${safe}${note}`, room) : `${truncateToWidth(safe, left)}${note}`;
}

// ---- what nobody can read -----------------------------------------------------------------------------------------------

/** What the agents that are here use and write down nowhere: no figure of ours holds it. */
function unrecorded(providers: readonly Provider[], { width, palette }: Page): readonly string[] {
  const told = providers.filter((provider) => provider.enabled && provider.unrecorded !== null);
  if (told.length === 0) return [];
  return [
    ` ${palette.bold('Not recorded locally')}`,
    ...told.flatMap(({ id, unrecorded: sentence }) => [
      `  ${displaySafe(id)}`,
      ...wrap((sentence ?? '').split(' '), width - 5).map((line) => palette.dim(`    ${line}`)),
    ]),
  ];
}

// ---- what is amiss ----------------------------------------------------------------------------------------------------

function warnings(providers: readonly Provider[], { width, palette, now }: Page): readonly string[] {
  const lines = providers.flatMap((provider) =>
    amiss(provider, now).map((text) => `${displaySafe(provider.id)} ${text}`),
  );
  if (lines.length === 0) return [];
  return [
    ` ${palette.bold('To look at')}`,
    ...lines.flatMap((line) =>
      wrap(line.split(' '), width - 4).map((part, index) => ` ${index === 0 ? palette.yellow('!') : ' '} ${part}`),
    ),
  ];
}

function amiss(provider: Provider, now: number): readonly string[] {
  const { skipped, silent_since: since } = provider;
  return [
    ...(provider.dark && since !== null
      ? [`went dark: its files have been changing for ${formatDuration(now - Date.parse(since))} without a turn.`]
      : []),
    ...(provider.failure === null ? [] : [`failed: ${displaySafe(provider.failure)}.`]),
    ...(provider.broken_files === 0 ? [] : [`broke on ${countOf(provider.broken_files, 'file')}.`]),
    ...(provider.quarantined_files === 0
      ? []
      : [`has ${countOf(provider.quarantined_files, 'file')} without a readable line.`]),
    ...(skipped.invalid + skipped.oversize === 0
      ? []
      : [
          `has records that could not be read: ${[
            ...(skipped.invalid === 0 ? [] : [`${groupDigits(skipped.invalid)} invalid`]),
            ...(skipped.oversize === 0 ? [] : [`${groupDigits(skipped.oversize)} too long`]),
          ].join(', ')}.`,
        ]),
    ...(provider.bad_values === 0 ? [] : [`gave ${countOf(provider.bad_values, 'count')} beyond belief, taken as 0.`]),
    ...(provider.unknown_types === 0
      ? []
      : [`has ${countOf(provider.unknown_types, 'record')} of a kind scopeon does not know.`]),
  ];
}
