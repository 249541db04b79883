import { openFile } from '../../src/sqlite.ts';

/**
 * A program of its own that writes to its database all the time: `busy-owner.ts <database> <journal mode>`. Each
 * transaction gives all rows of `thing` one new number, so any state of it but a whole one shows two of them.
 */
const [path = '', mode = 'wal'] = process.argv.slice(2);
const db = openFile(path);
db.pragma(`journal_mode = ${mode}`);
db.pragma('synchronous = OFF');
db.pragma('wal_autocheckpoint = 20');
const touch = db.prepare('UPDATE thing SET n = ?, filler = randomblob(300)');
for (let n = 1; ; n++) {
  touch.run(n);
  if (n === 1) process.stdout.write('writing\n');
}
