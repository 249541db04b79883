import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { newestSessions } from '../../src/store/queries/live-sessions.ts';
import { createNewestFirst } from '../../src/tui/components/newest-first.ts';
import { createTestStore, type TestStore } from './store.ts';

const now = Date.UTC(2026, 3, 10, 12, 0, 0);
const minute = 60_000;

let store: TestStore;
let at: number;
let newestFirst: ReturnType<typeof createNewestFirst>;
const sessions: number[] = [];
beforeEach(async () => {
  store = await createTestStore(now);
  at = 0;
  newestFirst = createNewestFirst(() => at);
  sessions.length = 0;
  for (let age = 40; age > 0; age--) addSession(age);
});
afterEach(() => store.remove());

function addSession(ageMinutes: number, parent?: number): number {
  const id = store.addSession({ id: `s${sessions.length}`, ...(parent === undefined ? {} : { parent }) });
  sessions.push(id);
  addTurn(id, ageMinutes);
  return id;
}

function addTurn(session: number | undefined, ageMinutes: number): void {
  store.addTurn(session ?? 0, { at: now - ageMinutes * minute });
}

const told = () => newestFirst(store.writer);
const asked = () => newestSessions(store.writer, Number.MAX_SAFE_INTEGER);

test('it tells what the store would, whatever comes or goes', () => {
  expect(told()).toEqual(asked());
  const changes: (() => unknown)[] = [
    () => addTurn(sessions[3], 0.9),
    () => addTurn(sessions[3], 0.8),
    () => {
      addTurn(sessions[9], 0.7);
      addTurn(sessions[4], 0.6);
    },
    () => addSession(0.5, sessions[20]),
    () => addTurn(sessions.at(-1), 0.4),
    () => addTurn(sessions[7], 20.5), // late
    () => addSession(90), // of long ago
    () => addTurn(sessions[8], 0.4), // at the same time as the newest
    () => store.writer.prepare('UPDATE session SET last_turn_at = NULL WHERE id = ?').run(sessions[5]),
    () => store.writer.prepare('UPDATE session SET last_turn_at = NULL').run(),
    () => addTurn(sessions[1], 3),
  ];
  for (const change of changes) {
    change();
    expect(told()).toEqual(asked());
    expect(told()).toEqual(asked());
  }
});

test('only sessions with a new turn are read, and all of them after a minute', () => {
  told();
  const read: number[] = [];
  const prepare = store.writer.prepare.bind(store.writer);
  vi.spyOn(store.writer, 'prepare').mockImplementation((sql: string) => {
    const statement = prepare(sql);
    const all = statement.all.bind(statement);
    statement.all = (...values: unknown[]) => {
      const rows = all(...values);
      if (/SELECT id/.test(sql)) read.push(rows.length);
      return rows;
    };
    return statement as never; // the statement itself, watched
  });
  told();
  addTurn(sessions[3], 0.5);
  addTurn(sessions[4], 0.4);
  told();
  at = minute;
  told();
  expect(read).toEqual([0, 2, 40]);
});
