import { countOf } from '../../report/format.ts';
import { openStore } from '../../store/open.ts';
import { countWrongSums, rebuildSums } from '../../store/sum-check.ts';
import { defineCheck } from '../check.ts';

/** The sums every report adds up, worked out again from the rows they stand for. */
export default defineCheck({
  title: 'Sums',
  place: 7,
  look({ store, settings }) {
    if (store.db === undefined) return [];
    const { buckets, wrong } = countWrongSums(store.db);
    const fact = {
      name: 'wrong',
      label: 'Against rows',
      value: { buckets, wrong },
      text: wrong === 0 ? `${countOf(buckets, 'sum')}, all right` : `${countOf(wrong, 'sum')} of ${buckets} wrong`,
    };
    if (wrong === 0) return [fact];
    return [
      {
        ...fact,
        advice: 'Sums differ from the turns they stand for. scopeon doctor --fix works all of them out again.',
        mend: async () => {
          const db = await openStore(settings.paths, settings.now(), settings.notice);
          try {
            rebuildSums(db);
          } finally {
            db.close();
          }
          return 'Every sum was worked out again.';
        },
      },
    ];
  },
});
