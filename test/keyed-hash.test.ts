import { expect, it } from 'vitest';
import { keyedHash } from '../src/keyed-hash.ts';
import { fields } from '../src/readers/fields.ts';
import { createScanner } from '../src/readers/scan-wasm.ts';
import { compileScanModule } from './helpers/scan-module.ts';

const counting = (size: number): Buffer => Buffer.from(Array.from({ length: size }, (_, i) => i & 255));
const hash = keyedHash(counting(16));
const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

it.each([
  [0, 'a3817f04ba25a8e66df67214c7550293'],
  [1, 'da87c1d86b99af44347659119b22fc45'],
  [7, 'a1f1ebbed8dbc153c0b84aa61ff08239'],
  [8, '3b62a9ba6258f5610f83e264f31497b4'],
  [1000, '24dafa789ae03d86536a4b57372f0ba6'],
  [63, '5150d1772f50834a503e069a973fbd7c'],
])('gives what OpenSSL’s SIPHASH of size 16 gives for %i bytes', (size, expected) => {
  expect(hex(hash(counting(size)))).toBe(expected);
});

it('is another under another key', () => {
  expect(keyedHash(counting(17).subarray(1))(counting(8))).not.toBe(hash(counting(8)));
  expect(() => keyedHash(counting(32))).toThrow('a key of 32 bytes, not 16');
});

it('is the same where bytes lie, in WebAssembly and without, for one key after another', async () => {
  const bytes = counting(1200);
  const other = keyedHash(Buffer.alloc(16, 7));
  for (const wasm of [await compileScanModule(), false as const]) {
    const scanner = createScanner(fields({ id: 'text' }), { wasm });
    scanner.reserve(100_000); // its memory grows
    bytes.copy(scanner.bytes, 3);
    for (let size = 0; size < 300; size++)
      for (const from of [3, 4, 8, 9])
        expect(hex(scanner.digest(from, from + size, hash))).toBe(hex(hash(bytes.subarray(from - 3, from - 3 + size))));
    expect(scanner.digest(3, 1203, other)).toBe(other(bytes));
    expect(scanner.digest(3, 1203, hash)).toBe(hash(bytes));
  }
});
