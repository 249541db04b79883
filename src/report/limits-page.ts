import { displaySafe, truncateToWidth } from '../display.ts';
import { formatAge, formatDuration, formatPct } from './format.ts';
import { drawGrid, type GridColumn } from './grid.ts';
import type { Palette } from './palette.ts';
import type { LimitsJson } from './shape.ts';
import { wrap } from './wrap.ts';

type Limit = LimitsJson['limits'][number];

/** The limits as a table. Ends in a newline; no line is wider than `width`. */
export function renderLimits(
  { limits, generated_at }: LimitsJson,
  { width, palette }: { readonly width: number; readonly palette: Palette },
): string {
  const about = truncateToWidth(' · as the agents’ own logs report them', Math.max(0, width - 7));
  const heading = ` ${palette.bold('Limits')}${palette.dim(about)}`;
  if (limits.length === 0)
    return `\n ${palette.bold('No log has reported a usage limit.')}\n${note(empty, width, palette)}\n`;
  const now = Date.parse(generated_at);
  const faint = (limit: Limit): { readonly paint?: (text: string) => string } =>
    limit.state === 'current' ? {} : { paint: palette.dim };
  const columns: readonly GridColumn<Limit>[] = [
    {
      title: 'Provider',
      align: 'left',
      weight: 9,
      minWidth: 11,
      cell: (limit) => ({ text: displaySafe(limit.provider), ...faint(limit) }),
    },
    {
      title: 'Window',
      align: 'left',
      weight: 10,
      minWidth: 7,
      cell: (limit) => ({ text: windowLabel(limit.window), ...faint(limit) }),
    },
    {
      title: 'Used',
      align: 'right',
      weight: 8,
      cell: (limit) => ({
        text: usedText(limit),
        paint: limit.state === 'current' ? urgency(limit, palette) : palette.dim,
      }),
    },
    { title: 'Resets', align: 'left', weight: 7, cell: (limit) => ({ text: resetText(limit, now), ...faint(limit) }) },
    {
      title: 'As of',
      align: 'left',
      weight: 6,
      cell: (limit) => ({ text: formatAge(limit.age_secs * 1000), ...faint(limit) }),
    },
    {
      title: 'Plan',
      align: 'left',
      weight: 2,
      cell: (limit) => ({ text: displaySafe(limit.plan ?? ''), ...faint(limit) }),
    },
  ];
  const grid = drawGrid(
    columns.filter((column) => column.title !== 'Plan' || limits.some((limit) => limit.plan !== null)),
    limits.map((row) => ({ row, kind: 'row' as const })),
    width,
    palette,
  );
  const past = limits.some((limit) => limit.state !== 'current') ? note(pastNote, width, palette) : '';
  return `\n${heading}\n\n${grid.join('\n')}\n${past === '' ? '' : `\n${past}`}\n`;
}

const empty =
  'Some agents write their limits into their logs as they work, some only tell when one was reached, others nothing at all.';
const pastNote = 'What is dim is past: how much of the new window is used, no log has told yet.';

function note(text: string, width: number, palette: Palette): string {
  return wrap(text.split(' '), Math.min(width, 100) - 2)
    .map((line) => ` ${palette.dim(line)}\n`)
    .join('');
}

const known: ReadonlyMap<string, string> = new Map([
  ['five_hour', '5 hours'],
  ['unknown', 'not told'],
]);

/** `five_hour` as people say it; any other name as the log has it, safe to print. */
export function windowLabel(window: string): string {
  const [name = '', bucket] = window.split(':');
  const label = known.get(name) ?? displaySafe(name.replaceAll('_', ' '));
  return bucket === undefined ? label : `${label} (${displaySafe(bucket)})`;
}

function usedText(limit: Limit): string {
  const amount =
    limit.used === null
      ? undefined
      : `${round(limit.used)}${limit.entitlement === null ? '' : ` of ${round(limit.entitlement)}`}${limit.since === null ? '' : ' this month'}`;
  if (limit.used_pct === null) return amount ?? (limit.reached ? 'reached' : '–');
  return amount === undefined ? formatPct(limit.used_pct) : `${formatPct(limit.used_pct)}, ${amount}`;
}

function round(amount: number): string {
  return String(Math.round(amount * 100) / 100);
}

function resetText(limit: Limit, now: number): string {
  if (limit.state === 'old') return 'window over';
  if (limit.resets_at === null) return '';
  const left = Date.parse(limit.resets_at) - now;
  return left > 0 ? `in ${formatDuration(left)}` : `was ${formatAge(-left)}`;
}

function urgency(limit: Limit, palette: Palette): (text: string) => string {
  const pct = limit.used_pct ?? (limit.reached ? 100 : 0);
  return pct >= 95 ? palette.red : pct >= 80 ? palette.yellow : palette.green;
}
