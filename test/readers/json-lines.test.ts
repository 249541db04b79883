import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keyedHash } from '../../src/keyed-hash.ts';
import type { Batch, Cursor, LogFile } from '../../src/provider.ts';
import { fields } from '../../src/readers/fields.ts';
import { jsonLines } from '../../src/readers/json-lines.ts';

const directory = mkdtempSync(join(tmpdir(), 'json-lines-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const read = jsonLines<{ readonly id: 'text' }, { count: number }>({
  plan: fields({ id: 'text' }),
  start: () => ({ count: 0 }),
  restore: (kept) => kept as { count: number },
  parse({ id }, context) {
    context.state.count++;
    context.emit({ kind: 'prompt', key: id ?? '', session: String(context.offset), at: undefined, rank: 'own' });
  },
});

/** 16 MiB and more is too long for a line. */
const tooLong = 17 * 1024 * 1024;
const line = (id: number, sizeBytes = 0): string => `{"id":"${id}","x":"${'y'.repeat(sizeBytes)}"}\n`;

test('lines of any length are read wherever they begin, and batch by batch', () => {
  const sizes = [10, 300_000, 0, 262_100, 700_000, 20, 3_000_000, 262_144, 5, 1_048_576, 90, 2_500_000, 131_072, 1];
  const lines = Array.from({ length: 60 }, (_, i) => line(i, sizes[(i * 5) % sizes.length]));
  const content = lines.join('');
  const { events, batches } = readAll(content);
  let offset = 0;
  expect(events).toEqual(lines.map((text, i) => [String(i), String(offset), (offset += text.length)].slice(0, 2)));
  expect(batches.length).toBeGreaterThan(3);
  for (const [i, { cursor }] of batches.entries()) {
    expect(content[cursor.offset - 1]).toBe('\n');
    // Whoever goes on from there misses nothing and meets nothing twice.
    const before = batches.slice(0, i + 1).flatMap((batch) => batch.events);
    expect([...before.map(keyAndPlace), ...readAll(content, cursor).events]).toEqual(events);
  }
});

test('a line that is not finished is left, and so is its place', () => {
  const content = line(1) + line(2, 400_000) + line(3, 600_000).slice(0, -1);
  const { events, batches } = readAll(content);
  expect(events.map(([key]) => key)).toEqual(['1', '2']);
  expect(batches.at(-1)?.cursor).toEqual({ offset: content.lastIndexOf('\n') + 1, state: { count: 2 } });
  expect(readAll(line(1, 300_000).slice(0, -1)).batches).toEqual([]);
});

test('an unfinished last line that is a whole record is taken where nobody will come back, and read again all the same', () => {
  const content = line(1) + line(2, 400_000).slice(0, -1);
  const { events, batches } = readAll(content, undefined, true);
  expect(events.map(([key]) => key)).toEqual(['1', '2']);
  expect(batches.at(-1)?.cursor).toEqual({ offset: line(1).length, state: { count: 1 } });
});

test('a line that is too long is passed over once its end is there, and not before', () => {
  const head = line(1);
  const long = line(2, tooLong);
  const whole = head + long + line(3);
  const { events, skipped } = readAll(whole);
  expect(events.map(([key]) => key)).toEqual(['1', '3']);
  expect(skipped).toEqual([{ offset: head.length, reason: 'oversize' }]);

  const unfinished = readAll(head + long.slice(0, -1));
  expect(unfinished.skipped).toEqual([]);
  expect(unfinished.batches.at(-1)?.cursor.offset).toBe(head.length);
  expect(readAll(whole, unfinished.batches.at(-1)?.cursor).events.map(([key]) => key)).toEqual(['3']);
});

function readAll(content: string, from?: Cursor, takeTail = false) {
  const path = join(directory, 'log.jsonl');
  writeFileSync(path, content);
  const fd = openSync(path, 'r');
  const file: LogFile = {
    fd,
    path,
    relativePath: 'log.jsonl',
    scope: '1:0',
    number: 1,
    sizeBytes: content.length,
    digest: keyedHash(Buffer.alloc(16)),
    scratch: directory,
    beside: () => undefined,
    namesBeside: () => [],
    bytesBeside: () => undefined,
    takeTail,
  };
  try {
    const batches: Batch[] = [];
    for (const batch of read(file, from && structuredClone(from))) batches.push(structuredClone(batch));
    const skipped = batches.flatMap((batch) => batch.skipped);
    return { batches, skipped, events: batches.flatMap((batch) => batch.events).map(keyAndPlace) };
  } finally {
    closeSync(fd);
  }
}

function keyAndPlace(event: Batch['events'][number]): readonly [key: string, offset: string] {
  return event.kind === 'prompt' ? [event.key, event.session] : ['?', '?'];
}
