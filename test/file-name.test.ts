import { expect, test } from 'vitest';
import { displaySafe } from '../src/display.ts';
import { nameOfBytes, systemPath } from '../src/file-name.ts';
import { randomFrom } from './helpers/random.ts';

test.each(['a.jsonl', 'new\nline \u001b[31m', 'ä漢😀\ufffd\ufeff', ''])('%j is its own text', (name) => {
  expect(nameOfBytes(Buffer.from(name))).toBe(name);
  expect(systemPath(name)).toBe(name);
});

test.each([
  [[0xff, 0x61, 0xfe], '\\xffa\\xfe'],
  [[0xc3, 0x28], '\\xc3('],
  [[0x61, 0xe6, 0xbc], 'a\\xe6\\xbc'],
  [[0xc3, 0xa4, 0xff], 'ä\\xff'],
  [[0xc0, 0x80], '\\xc0\\x80'],
  [[0xed, 0xa0, 0x80], '\\xed\\xa0\\x80'],
  [[0xf4, 0x90, 0x80, 0x80], '\\xf4\\x90\\x80\\x80'],
])('of %j every byte is kept, and shown escaped as %s', (bytes, shown) => {
  const name = nameOfBytes(Buffer.from(bytes));
  expect(systemPath(name)).toEqual(Buffer.from(bytes));
  expect(displaySafe(name)).toBe(shown);
});

test('every name has a text of its own that leads back to it', () => {
  const random = randomFrom(5);
  const alphabet = [0x61, 0x30, 0x66, 0xc3, 0xa4, 0xe6, 0xbc, 0xa2, 0xf0, 0x9f, 0x98, 0x80, 0xff, 0xc0, 0x0a];
  const texts = new Map<string, string>();
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.from(
      Array.from({ length: 1 + Math.floor(random() * 6) }, () => alphabet[Math.floor(random() * alphabet.length)] ?? 0),
    );
    const name = nameOfBytes(bytes);
    expect(Buffer.from(systemPath(name)).equals(bytes)).toBe(true);
    expect(name.isWellFormed()).toBe(true);
    const before = texts.get(name);
    expect(before ?? bytes.toString('hex')).toBe(bytes.toString('hex'));
    texts.set(name, bytes.toString('hex'));
  }
});
