import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CollectorState, createFeed } from '../../src/store/feed.ts';
import { createTestStore, type TestStore } from '../tui/store.ts';

const now = Date.UTC(2026, 3, 10);
let store: TestStore;
let there: boolean;
let identity: string;
let opened: number;
let collector: { state: CollectorState };

beforeEach(async () => {
  store = await createTestStore(now);
  [there, identity, opened] = [true, 'one', 0];
  collector = { state: { phase: 'watching' } };
});

afterEach(() => store.remove());

function feedOf() {
  const source = {
    identity: () => identity,
    open: () => {
      if (there) opened++;
      return there ? store.reader() : undefined;
    },
  };
  return createFeed(source, collector);
}

test('news is what another process committed, and nothing else', () => {
  const feed = feedOf();
  expect(feed.look(now)).toBe(true);
  expect(feed.state.hasSessions).toBe(false);
  expect(feed.look(now + 250)).toBe(false);
  const first = feed.state.store?.version;
  store.addSession({ id: 'a' });
  expect(feed.look(now + 500)).toBe(true);
  expect(feed.state.hasSessions).toBe(true);
  expect(feed.state.store?.version).toBeGreaterThan(first ?? 0);
  expect(feed.look(now + 750)).toBe(false);
  feed.close();
});

test('a store that appears later is found, one that is replaced is opened anew', () => {
  there = false;
  const feed = feedOf();
  expect(feed.look(now)).toBe(false);
  there = true;
  expect(feed.look(now + 250)).toBe(true); // what is not there is asked for at every look
  identity = 'two';
  expect(feed.look(now + 500)).toBe(false); // what is there, once a second
  expect(feed.look(now + 2_000)).toBe(true);
  expect(opened).toBe(2);
  feed.close();
});

test('a handle gone bad costs a look; what lasts is told and what was shown stays', () => {
  store.addSession({ id: 'a' });
  const feed = feedOf();
  feed.look(now);
  feed.state.store?.db.close();
  expect(feed.look(now + 250)).toBe(true);
  expect(feed.state.trouble).toBeUndefined();
  const failing = createFeed(
    {
      identity: () => 'one',
      open: () => {
        throw new Error('not a scopeon database');
      },
    },
    collector,
  );
  expect(failing.look(now)).toBe(true);
  expect(failing.state).toMatchObject({ trouble: 'not a scopeon database', store: undefined });
  feed.close();
});

test('the state of the collector is news too', () => {
  const feed = feedOf();
  feed.look(now);
  collector.state = { phase: 'standby', holderPid: 7 };
  expect(feed.look(now + 250)).toBe(true);
  expect(feed.state.collector.holderPid).toBe(7);
  feed.close();
});
