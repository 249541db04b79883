import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displaySafe, displayWidth, padToWidth, truncateToWidth } from '../src/display.ts';

describe('displaySafe', () => {
  it.each([
    ['plain text', 'plain text', 'plain text'],
    ['a colour', 'a\u001b[31mred', 'a\\x1b[31mred'],
    ['a title change', '\u001b]0;owned\u0007', '\\x1b]0;owned\\x07'],
    ['a C1 introducer', '\u009b31m', '\\x9b31m'],
    ['line breaks and tabs', 'a\r\nb\tc', 'a\\r\\nb\\tc'],
    ['NUL and DEL', '\u0000\u007f', '\\x00\\x7f'],
    ['reversed order', 'invoice\u202efdp.exe', 'invoice\\u202efdp.exe'],
    ['isolates and marks', '\u2066\u200e\u061c', '\\u2066\\u200e\\u061c'],
    ['line separators', '\u2028\u2029', '\\u2028\\u2029'],
    ['zero-width characters', 'sco\u200bpe\ufeffon\u00ad', 'scopeon'],
    ['tag characters', 'a\u{e0041}\u{e007f}b', 'ab'],
    ['lone surrogates', 'a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['whole surrogate pairs', '😀 漢字 é', '😀 漢字 é'],
    ['an emoji style', '❤\ufe0f', '❤\ufe0f'],
    ['a stray variation selector', 'a\ufe0f\ufe01', 'a'],
  ])('handles %s', (_, text, expected) => {
    expect(displaySafe(text)).toBe(expected);
  });

  it('cuts at 256 characters, or at what is asked for, and says so', () => {
    expect(displaySafe('x'.repeat(256))).toBe('x'.repeat(256));
    expect(displaySafe('x'.repeat(257))).toBe(`${'x'.repeat(255)}…`);
    expect(displaySafe('😀😀😀', 2)).toBe('😀…');
    expect(displaySafe('\u200b'.repeat(1_000_000))).toBe('…');
  });

  it('lets nothing through that moves a cursor or hides, whatever comes in, and twice is once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const safe = displaySafe(text);
        expect([...safe].length).toBeLessThanOrEqual(256);
        expect(safe).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\u200b-\u200f]/u);
        expect(displaySafe(safe)).toBe(safe);
      }),
    );
  });
});

describe('displayWidth', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['漢字', 4],
    ['한글', 4],
    ['ｱ', 1],
    ['Ａ', 2],
    ['😀', 2],
    ['👨‍👩‍👧', 2],
    ['👍🏽', 2],
    ['🇩🇪', 2],
    ['❤️', 2],
    ['❤', 1],
    ['1️⃣', 2],
    ['─█…–', 4],
    ['\u200b', 0],
  ])('of %j is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('truncateToWidth', () => {
  it.each([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['漢字漢字', 5, '漢字…'],
    ['漢字漢字', 4, '漢…'],
    ['👨‍👩‍👧👨‍👩‍👧', 3, '👨‍👩‍👧…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('%j to %i is %j', (text, width, expected) => {
    expect(truncateToWidth(text, width)).toBe(expected);
  });

  it('never exceeds the width and never splits a surrogate pair', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, width) => {
        const cut = truncateToWidth(text, width);
        expect(displayWidth(cut)).toBeLessThanOrEqual(width);
        expect(cut).not.toMatch(/\p{Cs}/u);
      }),
    );
  });
});

it('pads by columns, on either side, and leaves longer text alone', () => {
  expect(padToWidth('漢', 4)).toBe('漢  ');
  expect(padToWidth('7', 3, 'right')).toBe('  7');
  expect(padToWidth('long', 2)).toBe('long');
});
