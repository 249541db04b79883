import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseZone } from '../../src/metrics/calendar.ts';
import {
  bar,
  compactNumber,
  compactUsd,
  countOf,
  formatAge,
  formatBytes,
  formatDuration,
  formatPct,
  formatRatio,
  formatUsd,
  gauge,
  groupDigits,
  localMinute,
} from '../../src/report/format.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe.each([
  [
    'groupDigits',
    groupDigits,
    [
      [0, '0'],
      [999, '999'],
      [1000, '1,000'],
      [1_234_567, '1,234,567'],
      [-1234, '-1,234'],
      [-0.2, '0'],
      [null, '–'],
      [Number.NaN, '–'],
    ],
  ],
  [
    'compactNumber',
    compactNumber,
    [
      [0, '0'],
      [999, '999'],
      [999.6, '1.0K'],
      [1000, '1.0K'],
      [12_345, '12.3K'],
      [99_949, '99.9K'],
      [99_950, '100K'],
      [123_456, '123K'],
      [999_499, '999K'],
      [999_500, '1.0M'],
      [1_234_567, '1.2M'],
      [4.5e9, '4.5B'],
      [1e12, '1.0T'],
      [1e15, '1000T'],
      [-12_345, '-12.3K'],
      [null, '–'],
    ],
  ],
  [
    'formatUsd',
    formatUsd,
    [
      [0, '$0.00'],
      [0.004, '<$0.01'],
      [0.005, '$0.01'],
      [1.005, '$1.01'],
      [12.344, '$12.34'],
      [1234.5, '$1,234.50'],
      [999.999, '$1,000.00'],
      [-1.2, '-$1.20'],
      [-0.001, '>-$0.01'],
      [null, '–'],
      [Number.POSITIVE_INFINITY, '–'],
    ],
  ],
  [
    'compactUsd',
    compactUsd,
    [
      [9999.99, '$9,999.99'],
      [12_345.67, '$12.3K'],
      [-12_345.67, '-$12.3K'],
      [null, '–'],
    ],
  ],
  [
    'formatRatio',
    formatRatio,
    [
      [0, '0.0%'],
      [0.0001, '0.1%'],
      [0.974, '97.4%'],
      [0.9999, '99.9%'],
      [1, '100.0%'],
      [null, '–'],
    ],
  ],
  [
    'formatPct',
    formatPct,
    [
      [0, '0%'],
      [0.2, '1%'],
      [64.2, '64%'],
      [99.7, '99%'],
      [100, '100%'],
      [105.4, '105%'],
      [null, '–'],
    ],
  ],
  [
    'formatDuration',
    formatDuration,
    [
      [0, '0ms'],
      [850, '850ms'],
      [999.6, '1s'],
      [59_600, '1m 00s'],
      [4 * minute + 5000, '4m 05s'],
      [59 * minute + 59_700, '1h 00m'],
      [2 * hour + 14 * minute, '2h 14m'],
      [24 * hour, '1d 0h'],
      [76 * hour, '3d 4h'],
      [-1, '–'],
      [null, '–'],
    ],
  ],
  [
    'formatAge',
    formatAge,
    [
      [-5, 'now'],
      [59_999, 'now'],
      [minute, '1m ago'],
      [3 * hour, '3h ago'],
      [2 * day, '2d ago'],
      [35 * day, '5w ago'],
      [800 * day, '2y ago'],
      [null, '–'],
    ],
  ],
  [
    'formatBytes',
    formatBytes,
    [
      [0, '0 B'],
      [512, '512 B'],
      [999.7, '1.0 kB'],
      [12_345, '12.3 kB'],
      [4.5e6, '4.5 MB'],
      [null, '–'],
    ],
  ],
] as [string, (value: number | null) => string, [number | null, string][]][])('%s', (_, format, cases) => {
  it.each(cases)('writes %s as %s', (value, expected) => {
    expect(format(value)).toBe(expected);
  });
});

it('keeps any compact number to six columns with one unit', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e14, max: 1e14, noNaN: true }), (value) => {
      expect(compactNumber(value)).toMatch(/^-?\d{1,3}(\.\d)?[KMBT]?$/);
    }),
  );
});

it('counts nouns', () => {
  expect([countOf(1, 'turn'), countOf(0, 'turn'), countOf(1234, 'entry', 'entries')]).toEqual([
    '1 turn',
    '0 turns',
    '1,234 entries',
  ]);
});

it('reads a clock in its zone', () => {
  const zone = parseZone('Asia/Kathmandu');
  expect(localMinute(Date.parse('2026-04-10T12:00:59Z'), zone)).toBe('2026-04-10 17:45');
  expect(localMinute(Date.parse('2026-04-10T12:00:59Z'), zone, true)).toBe('2026-04-10 17:45+05:45');
});

it('draws bars no longer than asked, and something for anything above nothing', () => {
  expect(gauge(50, 10)).toEqual({ filled: '█████', rest: '░░░░░' });
  expect([gauge(0.1, 4).filled, gauge(99.9, 4).filled, gauge(140, 4).filled, gauge(Number.NaN, 4).filled]).toEqual([
    '█',
    '███',
    '████',
    '',
  ]);
  expect([bar(0, 4), bar(0.001, 4), bar(0.5, 4), bar(0.6, 4), bar(7, 4)]).toEqual(['', '▏', '██', '██▍', '████']);
});
