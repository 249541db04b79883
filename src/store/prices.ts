import type { Database } from './driver.ts';

/** A price row as the ledger keeps it: `row` is JSON of the terms, whose meaning the metrics room knows. */
export interface StoredPrice {
  readonly id: number;
  readonly row: string;
  /** UTC ms, exclusive; null: still valid. Kept apart because closing a row changes nothing else of it. */
  readonly validTo: number | null;
}

export interface NewPrice {
  readonly modelId: string;
  readonly vendor: string;
  readonly speed: string;
  readonly validFrom: number | undefined;
  readonly validTo: number | undefined;
  readonly row: string;
  readonly source: string;
  readonly sourceDate: string;
}

export function readPrices(db: Database): readonly StoredPrice[] {
  return db.prepare<[], StoredPrice>('SELECT id, row, valid_to AS validTo FROM price ORDER BY id').all();
}

/** Closes and opens ledger rows together. Rows are never edited or deleted. */
export function applyPriceChanges(
  db: Database,
  change: {
    readonly close: readonly { readonly id: number; readonly validTo: number }[];
    readonly open: readonly NewPrice[];
  },
  now: number,
): void {
  const close = db.prepare('UPDATE price SET valid_to = ? WHERE id = ?');
  const open = db.prepare(
    'INSERT INTO price (model_id, vendor, speed, valid_from, valid_to, row, source, source_date, loaded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  db.transaction(() => {
    for (const row of change.close) close.run(row.validTo, row.id);
    for (const row of change.open) {
      open.run(
        row.modelId,
        row.vendor,
        row.speed,
        row.validFrom ?? null,
        row.validTo ?? null,
        row.row,
        row.source,
        row.sourceDate,
        now,
      );
    }
  }).immediate();
}
