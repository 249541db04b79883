import { csvRecord } from './csv.ts';
import type { ExportTable } from './export.ts';

export type ExportFormat = 'json' | 'ndjson' | 'csv';

/**
 * An export as text, in pieces of some 64 KiB, so that a consumer decides how fast rows are taken. `json` is one array
 * with a row per line, `ndjson` a row per line, `csv` RFC 4180 with CRLF and the header even when there is no row.
 */
export function* encodeTable(table: ExportTable, format: ExportFormat): Generator<string> {
  let piece = '';
  for (const line of linesOf(table, format)) {
    piece += line;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

const pieceLength = 64 * 1024;

function linesOf(table: ExportTable, format: ExportFormat): Iterable<string> {
  switch (format) {
    case 'json':
      return jsonLines(table.rows);
    case 'ndjson':
      return ndjsonLines(table.rows);
    case 'csv':
      return csvLines(table);
    default:
      return format satisfies never;
  }
}

function* jsonLines(rows: Iterable<object>): Generator<string> {
  let before = '[';
  for (const row of rows) {
    yield `${before}\n  ${JSON.stringify(row)}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}

function* ndjsonLines(rows: Iterable<object>): Generator<string> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`;
}

function* csvLines({ rows, csv }: ExportTable): Generator<string> {
  const fields = csv.map(([, field]) => field);
  yield `${csv.map(([column]) => column).join(',')}\r\n`;
  for (const row of rows) yield `${csvRecord(row, fields)}\r\n`;
}
