import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  fields,
  list,
  type PickedShape,
  type Plan,
  type Shape,
  sized,
  TEXT_LIMIT,
  textOr,
} from '../../src/readers/fields.ts';
import { pick } from '../../src/readers/pick.ts';
import { DEPTH_LIMIT, recordsOf, type Scanner, TAPE_LIMIT } from '../../src/readers/scan.ts';
import { createScanner } from '../../src/readers/scan-wasm.ts';
import { claudePlan } from '../helpers/claude-plan.ts';
import { compileScanModule } from '../helpers/scan-module.ts';

const twin = await compileScanModule();
const samples = process.env.SCOPEON_SAMPLES;

describe.each([
  { name: 'the reference', wasm: false as const },
  { name: 'the twin', wasm: twin },
])('$name', ({ wasm }) => {
  const plan = fields({
    type: 'text',
    n: 'number',
    ok: 'flag',
    at: 'scalar',
    who: textOr({ id: 'text' }),
    inner: { id: 'text' },
  });
  const some = { type: undefined, n: undefined, ok: undefined, at: undefined, who: undefined, inner: undefined };

  test.each<[string, string, object]>([
    [
      'takes wanted values only',
      '{"type":"a","other":"b","n":1,"ok":true,"inner":{"id":"i","x":2}}',
      { ...some, type: 'a', n: 1, ok: true, inner: { id: 'i' } },
    ],
    ['takes null for absent', '{"type":null,"n":null,"ok":null,"inner":null}', some],
    ['leaves out text, flags and objects of another type', '{"type":1,"ok":"true","inner":"x"}', some],
    ['tells a number of another type by NaN', '{"n":"7"}', { ...some, n: Number.NaN }],
    ['tells a number that is an object by NaN', '{"n":{"n":1}}', { ...some, n: Number.NaN }],
    ['takes a scalar that is text', '{"at":"2026-04-01"}', { ...some, at: '2026-04-01' }],
    ['takes a scalar that is a number', '{"at":-1775037600.5}', { ...some, at: -1775037600.5 }],
    ['takes text where an object may stand', '{"who":"a"}', { ...some, who: 'a' }],
    ['takes an object where text may stand', '{"who":{"id":"a","x":1}}', { ...some, who: { id: 'a' } }],
    ['leaves out what is neither text nor object', '{"who":["a"]}', some],
    ['leaves out a scalar that is neither', '{"at":[1]}', some],
    ['takes numbers as JSON.parse does', '{"n":-1.5e3}', { ...some, n: -1500 }],
    ['takes a number beyond all bounds as infinite', '{"n":1e400}', { ...some, n: Number.POSITIVE_INFINITY }],
    ['keeps the sign of zero', '{"n":-0}', { ...some, n: -0 }],
    ['decodes escapes', String.raw`{"type":"a\n\"é😀\ud83d\ude00\\"}`, { ...some, type: 'a\n"é😀😀\\' }],
    ['lets the last of doubled keys win', '{"n":1,"n":2}', { ...some, n: 2 }],
    ['knows a key by its meaning, not its spelling', String.raw`{"\u006e":3}`, { ...some, n: 3 }],
    ['does not take look-alikes in text', String.raw`{"x":"{\"n\":1,\"type\":\"z\"}","y":[{"n":2}]}`, some],
    ['treats names of the object prototype as ordinary', '{"__proto__":{"type":"a"},"constructor":{"n":1}}', some],
  ])('%s', (_, line, expected) => {
    expect(read(plan, line)).toStrictEqual({ records: [expected], whole: true });
    expect(pick(JSON.parse(line), plan)).toStrictEqual(expected);
  });

  test.each<[string, string | Buffer, number, boolean]>([
    ['a blank line', '', 0, true],
    ['white space and NULs', ' \0\r', 0, true],
    ['NULs around a record', '\0\0{}\0\0', 1, true],
    ['a carriage return', '{}\r', 1, true],
    ['a byte order mark', '\ufeff{}', 1, true],
    [
      'bytes that are no UTF-8, in text',
      Buffer.from([...Buffer.from('{"type":"'), 0xff, ...Buffer.from('"}')]),
      1,
      true,
    ],
    ['two records', '{}{}', 2, true],
    ['two records and NULs between', '{}\0\0{}', 2, true],
    ['a record and garbage', '{}x{}', 1, false],
    ['a record and the beginning of one', '{"n":1}{"n":', 1, false],
    ['a record and one that must be parsed, and one more', '{"n":1}{"n":1,"n":2}{"n":3}', 3, true],
    ['a torn record', '{"type":"a', 0, false],
    ['a torn record with the next one glued on', '{"type":"a{"n":1}', 0, false],
    ['a raw control character in text', '{"x":"\u0001"}', 0, false],
    ['an escape that is none', String.raw`{"x":"\x"}`, 0, false],
    ['an escape that is none, far into a long text', `{"x":"${'y'.repeat(90)}${String.raw`\u00g0`}"}`, 0, false],
    ['a number that is none', '{"x":01}', 0, false],
    ['a trailing comma', '{"x":[1,]}', 0, false],
    ['brackets that do not match', '{"x":[1}}', 0, false],
    ['JSON that is no object', '[{"n":1}]', 0, false],
    ['a number', '7', 0, false],
    ['UTF-16', Buffer.from('{"n":1}', 'utf16le'), 0, false],
  ])('reads %s', (_, line, count, whole) => {
    const reading = read(plan, line);
    expect({ count: reading.records.length, whole: reading.whole }).toStrictEqual({ count, whole });
  });

  test('tells where each record of a line begins', () => {
    const starts: number[] = [];
    const scanner = scannerOf(plan, ' {"n":1} {"n":2}{"n":3,"n":4}');
    recordsOf(scanner, 0, 29, (_, start) => starts.push(start));
    expect(starts).toStrictEqual([1, 9, 16]);
  });

  test('tells size, place and kind of a value without taking it', () => {
    const wanted = fields({
      a: sized({}),
      b: sized({ skill: 'text' }),
      c: list({ id: 'text' }),
      d: list({}),
      e: sized({}),
      f: sized({}),
    });
    const line =
      '{"a":"é","b":{ "skill":"s","x":[1]},"c":[{"id":"1"}, 2,null,[{"id":"3"}]],"d":"text","e":[1, 2],"f":null}';
    const [record] = read(wanted, line).records;
    const place = (value: string) => {
      const start = Buffer.from(line).indexOf(value);
      return { sizeBytes: Buffer.byteLength(value), start, end: start + Buffer.byteLength(value) };
    };
    expect(record).toStrictEqual({
      a: { ...place('"é"'), isText: true, isList: false, fields: undefined },
      b: { ...place('{ "skill":"s","x":[1]}'), isText: false, isList: false, fields: { skill: 's' } },
      c: {
        sizeBytes: 33,
        isText: false,
        items: [{ id: '1' }, { id: undefined }, { id: undefined }, { id: undefined }],
      },
      d: { sizeBytes: 6, isText: true, items: [] },
      e: { ...place('[1, 2]'), isText: false, isList: true, fields: undefined },
      f: undefined,
    });
  });

  test('tells sizes of a record that had to be parsed, but no places', () => {
    const wanted = fields({ n: 'number', a: sized({ id: 'text' }) });
    const [record] = read(wanted, '{"n":1,"n":2,"a": {"id": "é"}}').records;
    const a = { sizeBytes: 11, start: undefined, end: undefined, isText: false, isList: false, fields: { id: 'é' } };
    expect(record).toStrictEqual({ n: 2, a });
  });

  test.each(['x', 'é', '\\n'])('cuts long text made of %s', (unit) => {
    const [record] = read(plan, `{"type":"${unit.repeat(100_000)}"}`).records;
    expect(record?.type).toBe((JSON.parse(`"${unit}"`) as string).repeat(TEXT_LIMIT));
  });

  test('takes each of many words for what it is, also after a record that was refused', () => {
    const words = Array.from({ length: 300 }, (_, i) => `w${(i * 7) % 100}`);
    const scanner = createScanner(plan, { wasm });
    const found: (string | undefined)[] = [];
    for (const word of words) {
      for (const line of [`{"type":"${word}","inner":{"id":"${word}!"}}`, `{"type":"x${word}","n":}`]) {
        const size = scanner.bytes.write(line);
        recordsOf(scanner, 0, size, (record) => found.push(record.type, record.inner?.id));
      }
    }
    expect(found).toStrictEqual(words.flatMap((word) => [word, `${word}!`]));
  });

  test('takes words for what they are when some scans are never asked for their record, and others twice', () => {
    const scanner = createScanner(plan, { wasm });
    const lines = Array.from({ length: 400 }, (_, i) => ({
      type: `w${(i * 7) % 50}`,
      inner: { id: `w${(i * 11) % 40}` },
    }));
    for (const [i, line] of lines.entries()) {
      const size = scanner.bytes.write(JSON.stringify(line));
      expect(scanner.scan(0, size)).toBe(size);
      for (let times = i % 3; times > 0; times--) expect(scanner.record()).toStrictEqual({ ...some, ...line });
    }
  });

  test('follows no nesting, however deep', () => {
    const deep = (depth: number) => `{"x":${'['.repeat(depth)}${']'.repeat(depth)},"n":1}`;
    for (const depth of [DEPTH_LIMIT - 1, DEPTH_LIMIT, DEPTH_LIMIT + 1, 100_000]) {
      expect(read(plan, deep(depth))).toStrictEqual({ records: [{ ...some, n: 1 }], whole: true });
    }
    expect(read(plan, `{"x":${'[{"a":'.repeat(1_000_000)}`)).toStrictEqual({ records: [], whole: false });
    const wanted = fields({ x: sized({}), n: 'number' });
    // Where the runtime itself gives up at such a depth the line is invalid, else it is a record like any other.
    const { records, whole } = read(wanted, deep(1_000_000));
    expect(records.map((record) => record.n)).toEqual(whole ? [1] : []);
  });

  test('reads lists longer than its notes', () => {
    const wanted = fields({ items: list({ n: 'number' }) });
    const count = TAPE_LIMIT / 4;
    const [record] = read(
      wanted,
      `{"items":[${Array.from({ length: count }, (_, n) => `{"n":${n}}`).join(',')}]}`,
    ).records;
    expect(record?.items?.items.length).toBe(count);
    expect(record?.items?.items.at(-1)).toStrictEqual({ n: count - 1 });
  });

  test('keeps what is there when room is made', () => {
    const scanner = createScanner(plan, { wasm });
    const size = scanner.bytes.write('{"type":"kept"}');
    for (const more of [10, 100_000, 1_000_000, 5_000_000]) {
      scanner.reserve(more);
      expect(scanner.bytes.length).toBeGreaterThanOrEqual(more);
      expect(scanner.scan(0, size)).toBe(size);
      expect(scanner.record().type).toBe('kept');
    }
    const end = scanner.bytes.length;
    scanner.bytes.write('{"type":"last"}', end - 15);
    expect(scanner.scan(end - 15, end)).toBe(end);
    expect(scanner.record().type).toBe('last');
  });

  test('makes the same record where code may not be compiled from text', () => {
    const original = globalThis.Function;
    globalThis.Function = class {
      constructor() {
        throw new EvalError('not here');
      }
    } as unknown as FunctionConstructor; // stands for a host that forbids it
    try {
      expect(read(plan, '{"inner":{"id":"a"},"n":1}').records).toStrictEqual([{ ...some, n: 1, inner: { id: 'a' } }]);
    } finally {
      globalThis.Function = original;
    }
  });

  test.runIf(samples !== undefined)(
    'reads every sample log as JSON.parse does (SCOPEON_SAMPLES)',
    () => {
      let records = 0;
      let parsed = 0;
      const scanner = createScanner(claudePlan, { wasm });
      for (const line of sampleLines(samples ?? '')) {
        scanner.reserve(line.length);
        line.copy(scanner.bytes);
        const expected = parse(line.toString('utf8'));
        if (expected === undefined) continue; // blank, torn or several records: the fuzz has those
        if (scanner.scan(0, line.length) < 0) parsed++;
        const whole = recordsOf(scanner, 0, line.length, (record) => {
          expect(withoutSizes(record)).toStrictEqual(withoutSizes(pick(expected, claudePlan)));
          records++;
        });
        expect(whole).toBe(true);
      }
      console.log(`${records} sample records read, ${parsed} of them by JSON.parse`);
      expect(parsed).toBeLessThanOrEqual(records / 1000);
    },
    120_000,
  );

  function scannerOf<S extends Shape>(wanted: Plan<S>, line: string | Buffer): Scanner<S> {
    const scanner = createScanner(wanted, { wasm });
    const bytes = Buffer.from(line);
    scanner.reserve(bytes.length);
    bytes.copy(scanner.bytes);
    return scanner;
  }

  function read<S extends Shape>(
    wanted: Plan<S>,
    line: string | Buffer,
  ): { records: PickedShape<S>[]; whole: boolean } {
    const records: PickedShape<S>[] = [];
    const whole = recordsOf(scannerOf(wanted, line), 0, Buffer.byteLength(line), (record) => records.push(record));
    return { records, whole };
  }
});

test.runIf(samples === undefined)(
  'sample logs are read where SCOPEON_SAMPLES names a directory of them',
  ({ skip }) => {
    skip('SCOPEON_SAMPLES is not set');
  },
);

test.each(['', '__proto__', 'a"b', 'a\\b', 'naïve', 'x'.repeat(65)])('a plan refuses the name %j', (name) => {
  expect(() => fields(Object.fromEntries([[name, 'text']]))).toThrow(TypeError);
});

function* sampleLines(directory: string): Iterable<Buffer> {
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.jsonl')) continue;
    const bytes = readFileSync(join(directory, name));
    for (let from = 0; from < bytes.length; ) {
      const to = bytes.indexOf(10, from);
      yield bytes.subarray(from, to < 0 ? bytes.length : to);
      from = to < 0 ? bytes.length : to + 1;
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A parsed record knows neither places nor, where the log is not as JSON.stringify would write it, sizes. */
const unlike: ReadonlySet<string> = new Set(['sizeBytes', 'start', 'end']);

function withoutSizes(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name, inner: unknown) => (unlike.has(name) ? undefined : inner)));
}

test('where there is no room for the twin’s memory, the reference reads', () => {
  const host = globalThis as unknown as { WebAssembly: { Instance: new () => object } };
  const { Instance } = host.WebAssembly;
  host.WebAssembly.Instance = class {
    constructor() {
      throw new RangeError('could not allocate memory');
    }
  };
  try {
    const scanner = createScanner(fields({ id: 'text' }), { wasm: twin });
    expect(scanner.twin).toBeUndefined();
    scanner.bytes.write('{"id":"a"}\n');
    const found: unknown[] = [];
    expect(recordsOf(scanner, 0, 10, (record) => found.push(record.id))).toBe(true);
    expect(found).toEqual(['a']);
  } finally {
    host.WebAssembly.Instance = Instance;
  }
});
