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
    ...(read.length === 0 ? [[` ${palette.bold('No agent’s logs were found.')}`]] : [table(read, page)]),
    places(providers, page),
    warnings(providers, page),
  ].filter((lines) => lines.length > 0);
  return `\n${sections.map((lines) => lines.join('\n')).join('\n\n')}\n\n`;
}

// ---- what was read --------------------------------------------------------------------------------------------------

function table(providers: readonly Provider[], { width, palette, now }: Page): readonly string[] {
  const number = (title: string, weight: number, of: (provider: Provider) => number): GridColumn<Provider> => ({
    title,
    align: 'right',
    weight,
    cell: (provider) => {
      const value = of(provider);
      return { text: groupDigits(value), short: compactNumber(value), ...(value === 0 ? { paint: palette.dim } : {}) };
    },
  });
  const level = (title: string, name: Provider['capabilities'][number]['capability']): GridColumn<Provider> => ({
    title,
    align: 'right',
    weight: 2,
    cell: (provider) => {
      const found = provider.capabilities.find((each) => each.capability === name)?.level ?? 'unsupported';
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
    level('Skills', 'skills'),
    level('Hooks', 'hooks'),
    level('MCP', 'mcp_identity'),
    level('Tasks', 'task_history'),
    level('Call tokens', 'interaction_tokens'),
  ];
  const rows = providers.map((row) => ({ row, kind: 'row' as const }));
  const grid = drawGrid(columns, rows, width, palette);
  const hasLevels = grid.some((line) => line.includes('Skills'));
  const legend = [' ✓ recorded', '~ worked out', '– not recorded'].join('   ');
  return [...grid, ...(hasLevels ? ['', palette.dim(truncateToWidth(legend, width))] : [])];
}

const marks = { exact: '✓', estimated: '~', unsupported: '–' } as const;

// ---- where --------------------------------------------------------------------------------------------------------

function places(providers: readonly Provider[], { width, palette }: Page): readonly string[] {
  const named = Math.min(16, Math.max(...providers.map((provider) => displayWidth(provider.id))) + 2);
  const lines = providers.flatMap(({ id, enabled, roots = [] }) => {
    const there = roots.filter((root) => root.exists);
    // Where it is found the places it is not say little: only those of an agent that is not found at all are listed.
    const shown = there.length > 0 ? there : roots;
    const texts = shown.map((root) => `${displaySafe(root.path, 1024)}${root.exists ? '' : ' (not there)'}`);
    const all = [...texts, ...(enabled ? [] : ['off: providers.enabled names others'])];
    return (all.length === 0 ? ['nowhere to look'] : all).map((text, index) => {
      const name = padToWidth(index === 0 ? truncateToWidth(displaySafe(id), named - 1) : '', named);
      const cut = truncateToWidth(text, Math.max(8, width - named - 2));
      return `  ${name}${there.length > 0 && enabled ? cut : palette.dim(cut)}`;
    });
  });
  return [` ${palette.bold('Looked in')}`, ...lines.map((line) => line.trimEnd())];
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
