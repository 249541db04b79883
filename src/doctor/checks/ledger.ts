import { tildePath } from '../../display.ts';
import { countOf } from '../../report/format.ts';
import { ledgerFile, readLedger } from '../../store/ledger.ts';
import { defineCheck } from '../check.ts';

/** What was done to the database, and whether that was written by us alone. */
export default defineCheck({
  title: 'Ledger',
  place: 11,
  look({ settings, home }) {
    const found = readLedger(settings.paths);
    if (found === undefined) return [];
    const { entries, problem } = found;
    const recoveries = entries.filter(({ kind }) => kind === 'recovery').length;
    const place = tildePath(ledgerFile(settings.paths), home);
    return [
      {
        name: 'chain',
        label: 'Chain',
        value: { entries: entries.length, recoveries, sound: problem === undefined },
        text: `${countOf(entries.length, 'entry', 'entries')}, ${countOf(recoveries, 'recovery', 'recoveries')}`,
        ...(problem === undefined
          ? {}
          : { advice: `${problem}: somebody changed ${place}. Move it away, and another is begun.` }),
      },
    ];
  },
});
