import { describe, expect, test } from 'vitest';
import { textWriter } from '../../src/store/quick-write.ts';

const texts = ['', 'msg_01', 'modèle', '日本', '\u{1f600}', '\ud800', '\0\xff', 'x'.repeat(40)];

describe.each(['utf8', 'latin1'] as const)('a writer of %s', (encoding) => {
  test.each([
    ['by the writers of this Node.js', false],
    ['without them', true],
  ])('writes what Buffer.write writes, %s', (_, without) => {
    const into = Buffer.alloc(32);
    const hidden = { utf8Write: undefined, latin1Write: undefined };
    if (without) Object.assign(into, hidden);
    const write = textWriter(into, encoding);
    for (const name of Object.keys(hidden)) Reflect.deleteProperty(into, name); // Buffer.write itself needs them
    for (const text of texts) {
      const expected = Buffer.alloc(32);
      const size = expected.write(text, encoding);
      into.fill(0);
      expect(write(text)).toBe(size);
      expect(Buffer.compare(into, expected)).toBe(0);
    }
  });
});
