import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { fields, list, type PickedShape, sized, textOr } from '../../src/readers/fields.ts';
import { pick } from '../../src/readers/pick.ts';
import { recordsOf, type Scanner } from '../../src/readers/scan.ts';
import { createScanner } from '../../src/readers/scan-wasm.ts';
import { damage, damaged, jsonObjects } from '../helpers/json-texts.ts';
import { compileScanModule } from '../helpers/scan-module.ts';

/** `SCOPEON_FUZZ_RUNS=100000` for a long look. */
const numRuns = Number(process.env.SCOPEON_FUZZ_RUNS ?? 1500);

const plan = fields({
  type: 'text',
  n: 'number',
  id: 'scalar',
  flag: 'flag',
  constructor: 'text',
  message: {
    id: textOr({ n: 'number', id: 'text' }),
    usage: { n: 'number', toString: 'scalar' },
    content: list({ type: 'text', n: 'number', input: sized({ skill: 'text', n: 'number' }), content: sized({}) }),
  },
  input: sized({ id: 'text', type: 'number', message: { id: 'text' } }),
});
const names = ['type', 'n', 'flag', 'constructor', 'message', 'id', 'usage', 'toString', 'content', 'input', 'skill'];

type Taken = PickedShape<typeof plan.shape>;
interface Reading {
  readonly records: readonly Taken[];
  readonly whole: boolean;
}

let plain: Scanner<typeof plan.shape>;
let twin: Scanner<typeof plan.shape>;

beforeAll(async () => {
  plain = createScanner(plan, { wasm: false });
  twin = createScanner(plan, { wasm: await compileScanModule() });
}, 60_000);

describe('scanning takes what JSON.parse would give', () => {
  const objects = jsonObjects(names);
  const place = fc.integer({ min: 0, max: 70 });

  test('from one document', () => {
    fc.assert(
      fc.property(objects, place, (text, at) => agree(Buffer.from(text), at)),
      { numRuns },
    );
  });

  test('from several documents in one line, with what crashes leave between them', () => {
    const joint = fc.constantFrom('', ' ', '\r', '\0\0', '\ufeff', ',', '}', '"');
    fc.assert(
      fc.property(fc.array(fc.tuple(joint, objects), { maxLength: 4 }), joint, place, (parts, last, at) =>
        agree(Buffer.from(parts.flat().join('') + last), at),
      ),
      { numRuns },
    );
  });

  test('from damaged documents, and refuses what it refuses', () => {
    fc.assert(
      fc.property(objects, damage, place, (text, changes, at) => agree(damaged(Buffer.from(text), changes), at)),
      { numRuns: numRuns * 2 },
    );
  });

  test('from a torn document glued to the next', () => {
    const cut = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(objects, cut, objects, place, (torn, where, next, at) => {
        const bytes = Buffer.from(torn);
        agree(Buffer.concat([bytes.subarray(0, Math.floor(where * bytes.length)), Buffer.from(next)]), at);
      }),
      { numRuns },
    );
  });

  test('from arbitrary bytes', () => {
    const byte = fc.oneof(fc.constantFrom(...Buffer.from('{}[]":,\\un0')), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), place, (bytes, at) => agree(Buffer.from([0x7b, ...bytes]), at)),
      { numRuns },
    );
  });
});

function agree(line: Buffer, at: number): void {
  const expected = readByParsing(line);
  const one = readByScanning(plain, line, at);
  const other = readByScanning(twin, line, at);
  expect(other).toStrictEqual(one);
  expect(one.whole).toBe(expected.whole);
  expect(one.records.map(withoutSizes)).toStrictEqual(expected.records.map(withoutSizes));
  if (isCanonical(line)) expect(one.records.map(withoutPlaces)).toStrictEqual(expected.records.map(withoutPlaces));
}

/** The truth: the shortest beginning that JSON.parse accepts is the first record, and so on. */
function readByParsing(line: Buffer): Reading {
  let rest = line
    .toString('utf8')
    .replace(/[\0 \t\r\n]+$/, '')
    .replace(/^[\0 \t\r\n]+/, '')
    .replace(/^\ufeff/, '');
  const records: Taken[] = [];
  for (;;) {
    rest = rest.replace(/^[\0 \t\r\n]+/, '');
    if (rest === '') return { records, whole: true };
    if (!rest.startsWith('{')) return { records, whole: false };
    let end = rest.indexOf('}') + 1;
    while (end > 0 && parse(rest.slice(0, end)) === undefined) end = rest.indexOf('}', end) + 1;
    if (end === 0) return { records, whole: false };
    records.push(pick(parse(rest.slice(0, end)), plan));
    rest = rest.slice(end);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Between bytes that would change the meaning if the scanner saw them; they must be the same afterwards. */
function readByScanning(
  scanner: Scanner<typeof plan.shape>,
  line: Buffer,
  at: number,
): Reading & { readonly reached: number } {
  scanner.reserve(at + line.length + 8);
  const bytes = scanner.bytes;
  bytes.fill('"}]', 0, at);
  line.copy(bytes, at);
  const end = at + line.length;
  bytes.fill('"}],', end, end + 8);
  const before = Buffer.from(bytes.subarray(0, end + 8));
  const records: Taken[] = [];
  const whole = recordsOf(scanner, at, end, (record) => {
    checkPlaces(record, bytes);
    records.push(record);
  });
  const reached = scanner.scan(at, end);
  expect(before.equals(bytes.subarray(0, end + 8))).toBe(true);
  return { records, whole, reached };
}

function checkPlaces(value: unknown, bytes: Buffer): void {
  if (typeof value !== 'object' || value === null) return;
  if (
    'start' in value &&
    typeof value.start === 'number' &&
    'end' in value &&
    typeof value.end === 'number' &&
    'sizeBytes' in value
  ) {
    expect(value.end - value.start).toBe(value.sizeBytes);
    expect(parse(bytes.toString('utf8', value.start, value.end))).toBeDefined();
  }
  for (const inner of Object.values(value)) checkPlaces(inner, bytes);
}

function isCanonical(line: Buffer): boolean {
  const text = line.toString('utf8');
  const value = parse(text);
  return value !== undefined && JSON.stringify(value) === text;
}

/** A parsed record knows neither places nor the sizes in the file. */
function withoutSizes(value: unknown): unknown {
  return without(value, ['sizeBytes', 'start', 'end']);
}

function withoutPlaces(value: unknown): unknown {
  return without(value, ['start', 'end']);
}

function without(value: unknown, names: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((inner) => without(inner, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !names.includes(name))
      .map(([name, inner]) => [name, without(inner, names)]),
  );
}
