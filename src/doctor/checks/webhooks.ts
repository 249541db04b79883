import { countOf, formatAge } from '../../report/format.ts';
import { listOutbox } from '../../store/outbox.ts';
import { defineCheck } from '../check.ts';

/** More than are ever kept. */
const all = 1_000;
/** What was given up longer ago is history. */
const recentMs = 7 * 24 * 60 * 60 * 1000;

/** Alerts that reached nobody; no section while there are none. */
export default defineCheck({
  title: 'Webhooks',
  place: 10,
  look({ store, now }) {
    if (store.db === undefined) return [];
    const dead = listOutbox(store.db, 'dead', all);
    const waiting = listOutbox(store.db, 'waiting', all);
    if (dead.length + waiting.length === 0) return [];
    const newest = dead.reduce((latest, item) => Math.max(latest, item.endedAt ?? 0), 0);
    return [
      { name: 'waiting', label: 'Waiting', value: waiting.length },
      {
        name: 'dead_letters',
        label: 'Given up',
        value: dead.length,
        text: dead.length === 0 ? 'none' : `${countOf(dead.length, 'alert')}, the newest ${formatAge(now - newest)}`,
        ...(now - newest > recentMs
          ? {}
          : {
              advice:
                'Alerts reached nobody. scopeon webhook list says why; scopeon webhook retry all sends them again.',
            }),
      },
    ];
  },
});
