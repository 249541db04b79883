import { line, type Span, spansWidth } from './spans.ts';

/** A column of a list. Its width follows from the room alone, so that figures do not jump when others come. */
export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly width: number;
  /** It may take spare room up to this. Default: `width`. */
  readonly most?: number;
  /** How much of the spare room it takes beside others. Default: 1. */
  readonly share?: number;
  /** Columns of least weight go first when the room is short. */
  readonly weight: number;
  cell(row: Row): readonly Span[];
}

export interface FitColumn<Row> {
  readonly column: Column<Row>;
  readonly width: number;
}

const gap = 2;

/** The columns that have room in `width`, and how wide they are. At least one. */
export function fitColumns<Row>(columns: readonly Column<Row>[], width: number): readonly FitColumn<Row>[] {
  let kept = columns;
  const least = (): number => kept.reduce((sum, column) => sum + column.width + gap, -gap);
  while (kept.length > 1 && least() > width) {
    const weakest = kept.reduce((a, b) => (b.weight < a.weight ? b : a));
    kept = kept.filter((column) => column !== weakest);
  }
  let spare = Math.max(0, width - least());
  const widths = kept.map((column) => column.width);
  // A few columns at a time, round and round, until there is no spare room or nobody wants it.
  for (let grew = true; spare > 0 && grew; ) {
    grew = false;
    for (const [at, column] of kept.entries()) {
      const now = widths[at] ?? 0;
      const more = Math.min(column.share ?? 1, spare, (column.most ?? column.width) - now);
      if (more <= 0) continue;
      widths[at] = now + more;
      spare -= more;
      grew = true;
    }
  }
  return kept.map((column, at) => ({ column, width: Math.min(widths[at] ?? 0, Math.max(1, width)) }));
}

export function titleSpans<Row>(fit: readonly FitColumn<Row>[]): string {
  return fit.map(({ column, width }) => aligned([column.title], width, column.align)).join(' '.repeat(gap));
}

/** One row, exactly as wide as the columns. */
export function rowText<Row>(fit: readonly FitColumn<Row>[], row: Row): string {
  return fit.map(({ column, width }) => aligned(column.cell(row), width, column.align)).join(' '.repeat(gap));
}

export function fitWidth<Row>(fit: readonly FitColumn<Row>[]): number {
  return fit.reduce((sum, { width }) => sum + width + gap, -gap);
}

function aligned(spans: readonly Span[], width: number, align: 'left' | 'right'): string {
  const taken = spansWidth(spans);
  if (align === 'left' || taken >= width) return line(spans, width);
  return ' '.repeat(width - taken) + line(spans, taken);
}
