import { afterEach, beforeEach, expect, test } from 'vitest';
import { alertsSchema } from '../../src/report/alert-schema.ts';
import { buildAlerts } from '../../src/report/alerts.ts';
import { renderAlerts } from '../../src/report/alerts-page.ts';
import { paletteFor } from '../../src/report/palette.ts';
import { createAlertTable } from '../../src/store/alerts.ts';
import { openReader, openStore } from '../../src/store/open.ts';
import { snoozeAlerts, snoozedUntil } from '../../src/store/snoozes.ts';
import { createWrittenStore, type WrittenStore } from '../helpers/written-store.ts';

const now = Date.UTC(2026, 3, 10, 12);
const hour = 60 * 60 * 1000;
let store: WrittenStore;

beforeEach(async () => {
  store = await createWrittenStore();
});
afterEach(() => store.remove());

/** An alert that is on; its lasting id. */
function raise(type: string): string {
  const record = {
    type,
    scope: '',
    sessionId: 0,
    severity: 'warning',
    fields: {},
    provider: undefined,
    model: undefined,
  };
  return createAlertTable(store.db).begin({ ...record, message: `${type} is on.` }, now - hour, false, true).uid;
}

test('what is silent is so for other processes and after a start, ends by itself, and can be undone', async () => {
  const [one, two] = [raise('one'), raise('two')];
  snoozeAlerts(store.db, [one, two], now + hour, now);
  snoozeAlerts(store.db, [two], now + 2 * hour, now); // again: the last counts
  const reader = openReader({ db: store.path, backups: '' });
  try {
    if (reader === undefined) throw new Error('no store');
    const both = new Map([
      [one, now + hour],
      [two, now + 2 * hour],
    ]);
    expect(snoozedUntil(reader, now)).toEqual(both);
    expect(snoozedUntil(reader, now + hour)).toEqual(new Map([[two, now + 2 * hour]]));
    snoozeAlerts(store.db, [two], undefined, now);
    expect(snoozedUntil(reader, now)).toEqual(new Map([[one, now + hour]]));
    const third = raise('three');
    snoozeAlerts(store.db, [third], now + 3 * hour, now + 2 * hour);
    expect(reader.prepare('SELECT COUNT(*) FROM snooze').pluck().get()).toBe(1); // what is over is forgotten
  } finally {
    reader?.close();
  }
  const again = await openStore({ db: store.path, backups: '' }, now, () => undefined);
  expect(snoozedUntil(again, now + 2 * hour).size).toBe(1);
  again.close();
});

test('alerts are told with the time until which they are silent, and stay on', () => {
  const uid = raise('one');
  raise('two');
  snoozeAlerts(store.db, [uid], now + hour, now);
  const alerts = buildAlerts(store.db, { now, limit: 10, names: true, isPublicModel: () => true });
  expect(() => alertsSchema.parse(alerts)).not.toThrow();
  const until = '2026-04-10T13:00:00.000Z';
  expect(alerts.firing.map((alert) => [alert.type, alert.state, alert.snoozed_until])).toEqual([
    ['two', 'firing', undefined],
    ['one', 'firing', until],
  ]);
  expect(alerts.recent.find((alert) => alert.id === uid)?.snoozed_until).toBe(until);
  const page = renderAlerts(alerts, 'list', { width: 80, palette: paletteFor(false) });
  expect(page).toMatch(/one is on\.\n +one · on for 1h 00m · silent for 1h 00m more/);
  expect(page).toMatch(/two is on\.\n +two · on for 1h 00m\n/);
});
