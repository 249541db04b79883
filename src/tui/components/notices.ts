import { displaySafe } from '../../display.ts';
import { countOf, formatBytes, formatPct, gauge, groupDigits } from '../../report/format.ts';
import { wrap } from '../../report/wrap.ts';
import type { CollectorProgress, CollectorState } from '../../store/feed.ts';
import type { LinkState } from '../store-link.ts';
import type { Theme } from '../theme.ts';
import { line, type Span } from './spans.ts';

/** How reading the logs and reading the store stand. */
export interface Standing {
  readonly collector: CollectorState;
  readonly link: LinkState;
}

interface Place {
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
}

/** What stands in place of the tabs while there is nothing to show in them. */
export function emptyPage({ collector, link }: Standing, looked: readonly string[], place: Place): readonly string[] {
  const isReading = collector.phase === 'starting' || collector.phase === 'filling' || collector.phase === 'reading';
  if (isReading && (collector.progress?.totalBytes ?? 0) > 0 && collector.progress !== undefined) {
    return centred(readingPage(collector.progress, place), place);
  }
  if (collector.phase === 'starting' || !link.isKnown)
    return centred([[['Looking for agent logs …', place.theme.quiet]]], place);
  return centred(nothingPage(looked, place), place);
}

function readingPage(done: CollectorProgress, { width, theme }: Place): readonly (readonly Span[])[] {
  const pct = progressPct(done);
  const { filled, rest } = gauge(pct, Math.max(4, Math.min(48, width - 12)));
  return [
    [['Reading your logs', theme.strong]],
    [],
    [[filled, theme.accent], [rest, theme.quiet], formatPct(pct).padStart(6)],
    [],
    [[`${groupDigits(done.files)} of ${countOf(done.totalFiles, 'file')}`, theme.quiet]],
    [[`${formatBytes(done.bytes)} of ${formatBytes(done.totalBytes)}`, theme.quiet]],
  ];
}

function nothingPage(looked: readonly string[], { width, height, theme }: Place): readonly (readonly Span[])[] {
  const room = Math.max(8, Math.min(width - 4, 76));
  const text = (words: string): readonly (readonly Span[])[] => wrap(words.split(' '), room).map((row) => [row]);
  const places = looked.map((path) => displaySafe(path));
  const shown = places.slice(0, Math.max(1, height - 10));
  return [
    [['No agent logs yet', theme.strong]],
    [],
    ...(places.length === 0 ? [] : [[['Looked in', theme.quiet] as const]]),
    ...shown.map((path): readonly Span[] => [`  ${path}`]),
    ...(shown.length < places.length
      ? [[[`  and ${countOf(places.length - shown.length, 'more place')}`, theme.quiet] as const]]
      : []),
    [],
    ...text('Use an agent once and it shows up here by itself. To see what that looks like, with made-up logs:'),
    [],
    [['  scopeon demo', theme.accent]],
  ];
}

/** A little above the middle, as one block from its longest line. */
function centred(rows: readonly (readonly Span[])[], { width, height }: Place): readonly string[] {
  const longest = Math.max(...rows.map((row) => (line(row, width).trimEnd().length === 0 ? 0 : spansLength(row))));
  const left = Math.max(1, Math.floor((width - longest) / 2));
  const above = Math.max(0, Math.floor((height - rows.length) / 3));
  return [
    ...Array.from({ length: above }, () => ''),
    ...rows.map((row) => ' '.repeat(left) + line(row, Math.max(0, width - left))),
  ];
}

function spansLength(row: readonly Span[]): number {
  return row.reduce((sum, span) => sum + (typeof span === 'string' ? span : span[0]).length, 0);
}

/** What has to be mended, while the tabs are there; undefined: nothing. `settings`: what is wrong with those. */
export function troubleOf(
  { collector, link }: Standing,
  settings: string | undefined,
  theme: Theme,
): readonly Span[] | undefined {
  if (link.trouble !== undefined) return [['The store cannot be read: ', theme.bad], displaySafe(link.trouble)];
  if (collector.phase === 'failed') {
    return [['Logs are not being read: ', theme.bad], displaySafe(collector.message ?? 'for an unknown reason')];
  }
  if (settings !== undefined) return [['Settings of before hold: ', theme.warn], displaySafe(settings, 512)];
  return undefined;
}

/** What is worth knowing while nothing has to be mended; undefined: nothing. */
export function noteOf({ collector }: Standing, theme: Theme): readonly Span[] | undefined {
  if (collector.phase === 'watching' && collector.message !== undefined)
    return [[displaySafe(collector.message), theme.quiet]];
  if (collector.phase !== 'standby') return undefined;
  const who = collector.holderPid === undefined ? '' : ` (pid ${collector.holderPid})`;
  return [[`Another scopeon${who} is ingesting; showing its data.`, theme.quiet]];
}

/** A word on how reading stands. */
export function collectorWord(collector: CollectorState): string {
  const pct =
    collector.progress === undefined || collector.progress.totalBytes === 0
      ? ''
      : ` ${formatPct(progressPct(collector.progress))}`;
  switch (collector.phase) {
    case 'starting':
      return 'starting';
    case 'filling':
    case 'reading':
      return `reading${pct}`;
    case 'watching':
      return collector.degraded === true ? 'polling' : 'watching';
    case 'standby':
      return 'standing by';
    case 'failed':
      return 'not reading';
    default:
      return collector.phase satisfies never;
  }
}

function progressPct(done: CollectorProgress): number {
  return done.totalBytes === 0 ? 0 : Math.min(100, (done.bytes / done.totalBytes) * 100);
}
