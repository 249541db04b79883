import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTurnMemory, type TurnsOf } from '../../src/report/turn-memory.ts';
import { sessionTurns } from '../../src/store/queries/insight-turns.ts';
import { createTestStore, type TestStore } from '../tui/store.ts';

const now = Date.UTC(2026, 3, 10, 12, 0, 0);
const minute = 60_000;
const limit = 150;

let store: TestStore;
let session: number;
let at: number;
let turnsOf: TurnsOf;
beforeEach(async () => {
  store = await createTestStore(now);
  session = store.addSession({ id: 's1' });
  at = 0;
  turnsOf = createTurnMemory(() => at);
  for (let age = 100; age > 0; age--) addTurn(age);
});
afterEach(() => store.remove());

function addTurn(ageMinutes: number, to = session): void {
  store.addTurn(to, { at: now - ageMinutes * minute, costUsd: 1 });
}

const told = () => turnsOf(store.writer, session, limit);
const asked = () => sessionTurns(store.writer, session, limit);

test('it tells what the store would, whatever comes, grows or goes', () => {
  expect(told()).toEqual(asked());
  const subagent = store.addSession({ id: 's2', parent: session });
  const changes = [
    () => addTurn(0),
    () => addTurn(0.5, subagent),
    () => addTurn(70.5, subagent), // late, and older than the newest
    () => store.writer.prepare('UPDATE turn SET output_tokens = 7 WHERE at > ?').run(now - 10 * minute),
    () => store.writer.prepare('DELETE FROM turn WHERE at = ?').run(now - 90 * minute),
    () => {
      for (let n = 0; n < 90; n++) addTurn(-n / 10); // more than are wanted
    },
    () => addTurn(-20),
  ];
  for (const change of changes) {
    change();
    expect(told()).toEqual(asked());
  }
  expect(told()).toHaveLength(limit);
  expect(turnsOf(store.writer, session, 10)).toEqual(sessionTurns(store.writer, session, 10));
});

test('of a session that was read no more is read than its newest turns, and all of them after a minute', () => {
  const outputs = () => told().map((turn) => turn.outputTokens);
  expect(outputs()[0]).toBe(100);
  store.writer.prepare('UPDATE turn SET output_tokens = 7').run();
  addTurn(0);
  expect(outputs()).toEqual([...new Array(36).fill(100), ...new Array(64).fill(7), 100]);
  at = 60_000;
  expect(outputs()).toEqual([...new Array(100).fill(7), 100]);
});

test('while the data stand nothing is asked, not even after a minute', () => {
  let data = 1;
  turnsOf = createTurnMemory(
    () => at,
    () => data,
  );
  const first = told();
  const prepare = vi.spyOn(store.writer, 'prepare');
  at = 60_000;
  expect(told()).toBe(first);
  expect(prepare).not.toHaveBeenCalled();
  expect(turnsOf(store.writer, session, 10)).toHaveLength(10);
  addTurn(0);
  store.writer.prepare('UPDATE turn SET output_tokens = 7').run();
  data++;
  expect(told()).toEqual(asked());
});
