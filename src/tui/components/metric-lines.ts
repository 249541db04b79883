import type { FigureModule, FigureUnit } from '../../metrics/figure.ts';
import { compactNumber, compactUsd, formatDuration, formatRatio } from '../../report/format.ts';
import type { Theme } from '../theme.ts';
import { type Span, spread } from './spans.ts';

/** One figure as a screen shows it. */
export interface Metric {
  readonly id: string;
  readonly title: string;
  readonly unit: FigureUnit;
  /** In `unit`; undefined: the facts do not tell it. */
  readonly value: number | undefined;
}

/** The figures of these ids in their order; none named: all of them. Ids that are none are left out. */
export function pickMetrics(
  modules: ReadonlyMap<string, FigureModule>,
  values: ReadonlyMap<string, number | undefined>,
  ids: readonly string[],
): readonly Metric[] {
  const known = new Map([...modules].map(([name, { title, unit }]) => [name.replaceAll('-', '_'), { title, unit }]));
  const wanted = ids.length === 0 ? [...known.keys()] : ids;
  return wanted.flatMap((id) => {
    const figure = known.get(id);
    return figure === undefined ? [] : [{ id, ...figure, value: values.get(id) }];
  });
}

/** `Cache hit rate      99.9%` in as many columns as there is room for, read downwards. */
export function metricLines(
  metrics: readonly Metric[],
  { width, theme }: { readonly width: number; readonly theme: Theme },
): readonly string[] {
  const gap = 3;
  const texts = new Map(
    metrics.map(({ id, value, unit }) => [id, value === undefined ? '–' : metricText(value, unit)]),
  );
  const widest = Math.max(0, ...metrics.map(({ id, title }) => title.length + 2 + (texts.get(id) ?? '').length));
  const columns = Math.max(1, Math.min(4, Math.floor((width + gap) / (widest + gap)), metrics.length));
  const room = Math.min(48, Math.floor((width - gap * (columns - 1)) / columns));
  const rows = Math.ceil(metrics.length / columns);
  const cell = (metric: Metric | undefined): string => {
    if (metric === undefined) return ' '.repeat(room);
    const value: Span = [texts.get(metric.id) ?? '', metric.value === undefined ? theme.quiet : theme.plain];
    return spread([[metric.title, theme.quiet]], [value], room);
  };
  const rest = ' '.repeat(Math.max(0, width - room * columns - gap * (columns - 1)));
  return Array.from({ length: rows }, (_, row) => {
    const cells = Array.from({ length: columns }, (_, column) => cell(metrics[column * rows + row]));
    return cells.join(' '.repeat(gap)) + rest;
  });
}

/** A figure with its unit, in a few characters. */
function metricText(value: number, unit: FigureUnit): string {
  switch (unit) {
    case 'percent':
      return formatRatio(value / 100);
    case 'times':
      return `${value.toFixed(1)}×`;
    case 'usd':
      return smallUsd(value);
    case 'usd_per_hour':
      return `${smallUsd(value)}/h`;
    case 'tokens':
      return compactNumber(value);
    case 'tokens_per_minute':
      return `${compactNumber(value)}/min`;
    case 'turns_per_hour':
      return `${value.toFixed(1)}/h`;
    case 'calls_per_turn':
      return value.toFixed(2);
    case 'milliseconds':
      return formatDuration(value);
    case 'minutes':
      return formatDuration(value * 60_000);
    case 'turns':
    case 'count':
    case 'points':
      return compactNumber(value);
    default:
      return unit satisfies never;
  }
}

/** A tenth of a cent is told where cents would tell nothing. */
function smallUsd(value: number): string {
  return value > 0 && value < 0.1 ? `$${value.toFixed(4)}` : compactUsd(value);
}
