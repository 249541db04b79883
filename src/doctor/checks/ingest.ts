import { formatAge } from '../../report/format.ts';
import { currentHolder, lastHolder } from '../../store/lease.ts';
import { defineCheck } from '../check.ts';

/** Who reads the logs just now. */
export default defineCheck({
  title: 'Reading',
  place: 4,
  look({ store, now }) {
    if (store.db === undefined) return [];
    const holder = currentHolder(store.db, now);
    const left = holder === undefined ? lastHolder(store.db) : undefined;
    return [
      {
        name: 'lease',
        label: 'Reads now',
        value:
          holder === undefined
            ? null
            : { pid: holder.pid, command: holder.command, heartbeat_at: new Date(holder.heartbeatAt).toISOString() },
        text:
          holder !== undefined
            ? `process ${holder.pid} (scopeon ${holder.command}), heard of ${formatAge(now - holder.heartbeatAt)}`
            : left !== undefined
              ? `nobody; process ${left.pid} ended without saying so, the next one looks through the database first`
              : 'nobody; every report reads what is new',
      },
    ];
  },
});
