import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { providerCases } from '../helpers/cases.ts';
import { createHouse } from '../helpers/house.ts';
import { dumpSkips, dumpText } from '../helpers/store-dump.ts';
import { openFile } from '../../src/store/driver.ts';

describe.each(providerCases())('$provider: $name', ({ home, expected }) => {
  it('gives the rows that expected.json tells', async () => {
    const house = await createHouse({ from: home });
    try {
      const dump = await house.read();
      const db = openFile(house.store.db, { readonly: true });
      const skips = dumpSkips(db, house.home);
      db.close();
      await expect(dumpText({ ...dump, files: skips })).toMatchFileSnapshot(expected);
    } finally {
      house.remove();
    }
  });
});
