/** A table of text fitted to a width: chooses columns and the length of numbers; never wraps or overflows. */

import { displayWidth, padToWidth, truncateToWidth } from '../display.ts';
import type { Palette } from './palette.ts';

export interface GridColumn<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Columns of least weight go first when the width is short; below `coreWeight` before numbers are shortened. */
  readonly weight: number;
  /** Columns it may be cut down to; absent: never cut. */
  readonly minWidth?: number;
  cell(row: Row): GridCell;
}

export interface GridCell {
  /** One line, safe to print. */
  readonly text: string;
  /** A shorter form of the same, also for where the column is cut down. */
  readonly short?: string;
  readonly paint?: (text: string) => string;
}

export interface GridLine<Row> {
  readonly row: Row;
  readonly kind: 'row' | 'part' | 'total';
}

/** From this weight on a column is worth its full numbers. */
const coreWeight = 4;
const gap = '  ';
const margin = ' ';

/** Lines of the table: titles, a rule, the rows, and before a total another rule. None is wider than `width`. */
export function drawGrid<Row>(
  columns: readonly GridColumn<Row>[],
  lines: readonly GridLine<Row>[],
  width: number,
  palette: Palette,
): readonly string[] {
  const fit = fitColumns(columns, lines, Math.max(8, width - 2 * margin.length));
  const rule = palette.dim(
    margin + '─'.repeat(fit.reduce((sum, column) => sum + column.width + gap.length, -gap.length)),
  );
  const drawn = lines.flatMap((line) => {
    const cells = fit.map((column) => [column, column.cells.get(line) ?? { text: '' }] as const);
    return line.kind === 'total' ? [rule, rowText(cells, palette.bold)] : [rowText(cells)];
  });
  return [...titleLines(fit).map((line) => palette.dim(line)), rule, ...drawn];
}

interface FitColumn<Row> {
  readonly title: readonly string[];
  readonly align: 'left' | 'right';
  readonly width: number;
  readonly cells: ReadonlyMap<GridLine<Row>, GridCell>;
}

/**
 * Whole names and full numbers where the core columns have room for them, else short numbers, else names cut down too;
 * then as many columns as fit.
 */
function fitColumns<Row>(
  columns: readonly GridColumn<Row>[],
  lines: readonly GridLine<Row>[],
  width: number,
): readonly FitColumn<Row>[] {
  const full = columns.map((column) => measure(column, lines, false));
  const short = columns.map((column) => measure(column, lines, true));
  const ways = [full.map(whole), short.map(whole), full];
  const hasRoom = (way: typeof full): boolean =>
    leastWidth(way.filter((column) => column.weight >= coreWeight)) <= width;
  let kept = ways.find(hasRoom) ?? short;
  while (kept.length > 1 && leastWidth(kept) > width) {
    const least = kept.reduce((a, b) => (b.weight < a.weight ? b : a));
    kept = kept.filter((column) => column !== least);
  }
  let spare = width - leastWidth(kept);
  return kept.map((column) => {
    const given = Math.max(Math.min(column.natural, column.least + spare), Math.min(column.least, width));
    spare -= given - column.least;
    return { title: column.title, align: column.align, width: given, cells: column.cells };
  });
}

function measure<Row>(column: GridColumn<Row>, lines: readonly GridLine<Row>[], short: boolean) {
  const title = short ? column.title.split(' ') : [column.title];
  const cells = new Map(
    lines.map((line) => {
      const cell = column.cell(line.row);
      return [line, short ? { ...cell, text: cell.short ?? cell.text } : cell] as const;
    }),
  );
  const titleWidth = Math.max(...title.map(displayWidth));
  const natural = Math.max(titleWidth, ...[...cells.values()].map((cell) => displayWidth(cell.text)));
  const least = column.minWidth === undefined ? natural : Math.min(natural, Math.max(titleWidth, column.minWidth));
  return { title, cells, natural, least, weight: column.weight, align: column.align };
}

/** A core column that is not to be cut down. */
function whole<Column extends { readonly natural: number; readonly least: number; readonly weight: number }>(
  column: Column,
): Column {
  return column.weight >= coreWeight ? { ...column, least: column.natural } : column;
}

function leastWidth(columns: readonly { readonly least: number }[]): number {
  return columns.reduce((sum, column) => sum + column.least + gap.length, -gap.length);
}

/** A title of several words may stand in several lines, its last on the last. */
function titleLines<Row>(columns: readonly FitColumn<Row>[]): readonly string[] {
  const height = Math.max(...columns.map((column) => column.title.length));
  return Array.from({ length: height }, (_, line) =>
    rowText(
      columns.map((column) => [column, { text: column.title[line - height + column.title.length] ?? '' }] as const),
    ),
  );
}

function rowText<Row>(
  cells: readonly (readonly [FitColumn<Row>, GridCell])[],
  emphasis: (text: string) => string = (text) => text,
): string {
  const last = cells.findLastIndex(([, cell]) => cell.text !== '');
  const texts = cells.slice(0, last + 1).map(([column, cell], index) => {
    const fits = cell.short === undefined || displayWidth(cell.text) <= column.width;
    const text = truncateToWidth(fits ? cell.text : (cell.short ?? ''), column.width);
    const painted = cell.paint === undefined ? emphasis(text) : cell.paint(emphasis(text));
    const fill = padToWidth('', column.width - displayWidth(text));
    if (column.align === 'right') return fill + painted;
    return index === last ? painted : painted + fill;
  });
  return margin + texts.join(gap);
}
