/**
 * npm run prices: writes src/metrics/prices.snapshot.json from the installed price catalogue and the hand table, and
 * scripts/prices.conflicts.txt with what had to be decided. Offline; the same input gives the same bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { waitForUpdate } from '@pydantic/genai-prices';
import { buildTable, type CatalogueVendor, renderSnapshot } from './price-table.ts';

/** Release day of each catalogue version taken (`npm view @pydantic/genai-prices time`): the date its rows carry. */
const released: Readonly<Record<string, string>> = { '0.1.8': '2026-09-23' };

export async function generate(): Promise<{ readonly snapshot: string; readonly conflicts: string }> {
  const manifest = new URL('../node_modules/@pydantic/genai-prices/package.json', import.meta.url);
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, 'utf8'));
  const date = released[version];
  if (date === undefined)
    throw new Error(`add the release day of @pydantic/genai-prices ${version} to ${import.meta.url}`);
  // The bundled data, as no update was set up. Its type says less than the data has.
  const catalogue = (await waitForUpdate()) as unknown as readonly CatalogueVendor[];
  const table = buildTable(catalogue, date);
  return { snapshot: renderSnapshot(table.rows, date), conflicts: `${table.conflicts.join('\n')}\n` };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { snapshot, conflicts } = await generate();
  writeFileSync(new URL('../src/metrics/prices.snapshot.json', import.meta.url), snapshot);
  writeFileSync(new URL('prices.conflicts.txt', import.meta.url), conflicts);
  process.stdout.write(conflicts);
}
