import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../src/store/driver.ts';
import { createFeed } from '../../src/store/feed.ts';
import { createRenewal, identifyProcess, takeLease } from '../../src/store/lease.ts';
import { createLeaseCommits } from '../../src/store/lease-commits.ts';
import { createTestStore, type TestStore } from '../tui/store.ts';

const now = Date.UTC(2026, 3, 10);
const me = identifyProcess();
let store: TestStore;
let reader: Database;

beforeEach(async () => {
  store = await createTestStore(now);
  reader = store.reader() as Database; // a new store can be read
  takeLease(store.writer, me, 'test', now);
  store.addSession({ id: 'before' });
});

afterEach(() => {
  reader.close();
  store.remove();
});

const beat = (at: number): void => void expect(createRenewal(store.writer, me)(at)).toBe(true);

test('renewing the lease is told from everything else', () => {
  const commits = createLeaseCommits();
  expect(commits.areAll(reader)).toBe(false); // nothing was seen before
  beat(now + 1);
  expect(commits.areAll(reader)).toBe(true);
  beat(now + 2);
  beat(now + 3);
  expect(commits.areAll(reader)).toBe(true);
  expect(commits.areAll(reader)).toBe(false); // nothing new was found: better once too often
  store.addSession({ id: 'a' });
  expect(commits.areAll(reader)).toBe(false);
  beat(now + 4);
  store.addSession({ id: 'b' });
  beat(now + 5);
  expect(commits.areAll(reader)).toBe(false);
  beat(now + 6);
  expect(commits.areAll(reader)).toBe(true);
});

test('a row of another table alone is news, however small', () => {
  const commits = createLeaseCommits();
  commits.areAll(reader);
  store.writer.prepare("INSERT INTO tag (session_id, tag, source) VALUES (1, 'x', 'user')").run();
  expect(commits.areAll(reader)).toBe(false);
});

test('a log that begins anew, is emptied or grew by much counts as news', () => {
  const commits = createLeaseCommits();
  commits.areAll(reader);
  store.writer.pragma('wal_checkpoint(TRUNCATE)');
  expect(commits.areAll(reader)).toBe(false);
  beat(now + 1);
  expect(commits.areAll(reader)).toBe(false);
  beat(now + 2);
  expect(commits.areAll(reader)).toBe(true);
  store.writer.pragma('wal_checkpoint(RESTART)');
  beat(now + 3);
  expect(commits.areAll(reader)).toBe(false);
  for (let at = 4; at < 40; at++) beat(now + at);
  expect(commits.areAll(reader)).toBe(false);
});

test('a feed hears nothing of it', () => {
  const feed = createFeed({ open: () => store.reader(), identity: () => 'one' }, { state: { phase: 'watching' } });
  feed.look(now);
  beat(now + 1);
  feed.look(now + 250); // the first it can compare
  beat(now + 2);
  expect(feed.look(now + 500)).toBe(false);
  store.addSession({ id: 'a' });
  expect(feed.look(now + 750)).toBe(true);
  feed.close();
});
