import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keyedHash } from '../../src/keyed-hash.ts';
import type { Batch, Cursor, LogFile } from '../../src/provider.ts';
import { fields } from '../../src/readers/fields.ts';
import { jsonLines } from '../../src/readers/json-lines.ts';
import { isZstd, unzstd } from '../../src/readers/zstd.ts';
import { randomFrom } from '../helpers/random.ts';
import { storedFrame } from '../helpers/rollouts.ts';

/** The same rollout as `zstd -19` made it, and as it was. */
const twice = fileURLToPath(new URL('../fixtures/providers/codex/twice/home/.codex/', import.meta.url));
const plain = readFileSync(join(twice, 'archived_sessions', readdirSync(join(twice, 'archived_sessions'))[0] ?? ''));
const compressed = readFileSync(
  join(
    twice,
    'sessions/2026/06/20',
    readdirSync(join(twice, 'sessions/2026/06/20')).find((name) => name.endsWith('.zst')) ?? '',
  ),
);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'scopeon-zstd-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Opened {
  readonly fd: number;
  readonly path: string;
  readonly size: number;
}

function withFile<T>(bytes: Uint8Array, use: (file: Opened) => T): T {
  const path = join(directory, 'log');
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  try {
    return use({ fd, path, size: statSync(path).size });
  } finally {
    closeSync(fd);
  }
}

function decode(bytes: Uint8Array): { readonly pieces: readonly Buffer[]; readonly isWhole: boolean } {
  return withFile(bytes, ({ fd, size }) => {
    const pieces: Buffer[] = [];
    const source = unzstd(fd, size);
    for (;;) {
      const next = source.next();
      if (next.done === true) return { pieces, isWhole: next.value };
      pieces.push(Buffer.from(next.value));
    }
  });
}

function content(bytes: Uint8Array): Buffer {
  return Buffer.concat(decode(bytes).pieces);
}

it('is known by its first bytes, whatever its name', () => {
  expect(withFile(compressed, ({ fd }) => isZstd(fd))).toBe(true);
  expect(withFile(plain, ({ fd }) => isZstd(fd))).toBe(false);
  expect(withFile(compressed.subarray(0, 3), ({ fd }) => isZstd(fd))).toBe(false);
});

it('gives what was compressed', () => {
  expect(content(compressed).equals(plain)).toBe(true);
  expect(decode(compressed).isWhole).toBe(true);
});

it('takes frames one after the other, and steps over those that hold no data', () => {
  const skippable = Buffer.from([0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  const empty = storedFrame(Buffer.alloc(0));
  const all = Buffer.concat([compressed, skippable, empty, storedFrame(Buffer.from('more')), compressed]);
  expect(content(all).toString()).toBe(`${plain}more${plain}`);
  expect(decode(all).isWhole).toBe(true);
});

it('gives a large file in small pieces', () => {
  const large = Buffer.alloc(5_000_000, 'abcdefg');
  const { pieces, isWhole } = decode(storedFrame(large));
  expect(Buffer.concat(pieces).equals(large)).toBe(true);
  expect(isWhole).toBe(true);
});

it('does not let a few bytes become much at once', () => {
  const blocks = 4_000;
  const header = (128 * 1024 * 8) | 2; // one byte, 131,072 times
  const block = Buffer.from([header & 255, (header >> 8) & 255, header >> 16, 0x61]);
  const bomb = Buffer.concat([storedFrame(Buffer.alloc(0)).subarray(0, 6), ...Array<Buffer>(blocks).fill(block)]);
  let most = 0;
  let sum = 0;
  withFile(bomb, ({ fd, size }) => {
    for (const piece of unzstd(fd, size)) {
      most = Math.max(most, piece.length);
      sum += piece.length;
    }
  });
  expect(sum).toBe(blocks * 128 * 1024);
  expect(most).toBeLessThanOrEqual(256 * 1024);
});

it('refuses a window no memory is there for, a dictionary, and what is not compressed', () => {
  const start = [0x28, 0xb5, 0x2f, 0xfd];
  const end = [1, 0, 0];
  expect(decode(Buffer.from([...start, 0x00, 0xff, ...end]))).toEqual({ pieces: [], isWhole: false }); // 3.5 TiB
  expect(decode(Buffer.from([...start, 0xe0, 0, 0, 0, 0, 1, 0, 0, 0, ...end]))).toEqual({ pieces: [], isWhole: false });
  expect(decode(Buffer.from([...start, 0x01, 0x38, 7, ...end]))).toEqual({ pieces: [], isWhole: false });
  expect(decode(plain)).toEqual({ pieces: [], isWhole: false });
});

it('gives the beginning of what ends too early, wherever it ends', () => {
  const two = Buffer.concat([storedFrame(Buffer.from('first ')), compressed, storedFrame(plain)]);
  const whole = `first ${plain}${plain}`;
  let longest = 0;
  for (let cut = 0; cut <= two.length; cut += cut < 60 ? 1 : 53) {
    const { pieces, isWhole } = decode(two.subarray(0, cut));
    const got = Buffer.concat(pieces).toString();
    expect(whole.startsWith(got), `cut at ${cut}`).toBe(true);
    if (isWhole) expect([0, 6, 6 + plain.length, whole.length]).toContain(got.length);
    expect(got.length).toBeGreaterThanOrEqual(longest);
    longest = got.length;
  }
});

it('comes to an end in whatever is damaged', () => {
  const random = randomFrom(3);
  for (let i = 0; i < 120; i++) {
    const bytes = Buffer.from(compressed);
    for (let flips = 0; flips < 3; flips++) {
      const at = Math.floor(random() * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    }
    expect(() => decode(bytes)).not.toThrow();
  }
});

// ---- as lines -------------------------------------------------------------------------------------------------------

const read = jsonLines({
  plan: fields({ type: 'text', timestamp: 'text' }),
  start: () => ({ lines: 0 }),
  restore: () => ({ lines: 1_000_000 }),
  parse(record, context) {
    context.state.lines++;
    context.emit({
      kind: 'prompt',
      key: `${context.state.lines}`,
      session: record.type ?? '',
      at: context.offset,
      rank: 'own',
    });
  },
});

function readAll(bytes: Uint8Array, from?: Cursor, takeTail = false): readonly Batch[] {
  return withFile(bytes, ({ fd, path, size }) => {
    const file: LogFile = {
      fd,
      path,
      relativePath: 'log',
      number: 1,
      scope: '1:0',
      scratch: directory,
      beside: () => undefined,
      namesBeside: () => [],
      bytesBeside: () => undefined,
      sizeBytes: size,
      digest: keyedHash(Buffer.alloc(16)),
      takeTail,
    };
    return [...read(file, from)];
  });
}

it('gives the lines of a compressed log as those of a plain one, and at its end the whole file as read', () => {
  const batches = readAll(compressed);
  const events = (some: readonly Batch[]) => some.flatMap((batch) => batch.events);
  expect(events(batches)).toEqual(events(readAll(plain)));
  expect(events(batches)).toHaveLength(plain.toString().trimEnd().split('\n').length);
  expect(batches.at(-1)?.cursor).toEqual({ offset: compressed.length, state: undefined });
  // Whoever stops on the way begins again from the start, with nothing remembered.
  for (const batch of batches.slice(0, -1)) expect(batch.cursor).toEqual({ offset: 0, state: undefined });
});

it('reads a compressed log again only when it has changed, and then from its start', () => {
  const cursor = { offset: compressed.length, state: undefined };
  expect(readAll(compressed, cursor)).toEqual([]);
  const longer = Buffer.concat([compressed, storedFrame(Buffer.from('{"type":"later"}\n'))]);
  const events = readAll(longer, cursor).flatMap((batch) => batch.events);
  expect(events[0]).toMatchObject({ key: '1', at: 0 });
  expect(events.at(-1)).toMatchObject({ session: 'later' });
});

it('tells a compressed log that ends too early as one unreadable place', () => {
  const stored = storedFrame(Buffer.from(`{"type":"a"}\n${' '.repeat(150_000)}\n`));
  const batches = readAll(stored.subarray(0, -100));
  expect(batches.flatMap((batch) => batch.events)).toMatchObject([{ session: 'a' }]);
  expect(batches.flatMap((batch) => batch.skipped)).toEqual([{ offset: stored.length - 100, reason: 'invalid' }]);
  expect(batches.at(-1)?.cursor.offset).toBe(stored.length - 100);
});

it('takes the last line of a compressed log without its newline: nobody goes on writing it', () => {
  const events = (bytes: Buffer) => readAll(storedFrame(bytes)).flatMap((batch) => batch.events);
  expect(events(Buffer.from('{"type":"a"}\n{"type":"b"}'))).toMatchObject([{ session: 'a' }, { session: 'b' }]);
  expect(events(Buffer.from('{"type":"a"}\n{"type":"b'))).toMatchObject([{ session: 'a' }]);
});
