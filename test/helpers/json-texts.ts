import fc from 'fast-check';

/** JSON documents as texts: everything the grammar allows, made of the names a plan looks for and of near misses. */
export function jsonObjects(names: readonly string[]): fc.Arbitrary<string> {
  const space = fc.oneof({ weight: 12, arbitrary: fc.constant('') }, fc.constantFrom(' ', '\t', '\r', '  \n'));
  const piece = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom('a', 'usage', ' ', '{', '}', '[', ']', ':', ',', '"id":1', "'").map(escapeQuotes),
    },
    { weight: 3, arbitrary: fc.constantFrom('\\n', '\\"', '\\\\', '\\/', '\\b', '\\f', '\\r', '\\t') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('\\u0041', '\\u00e9', '\\uD83D\\uDE00', '\\ud800', '\\udfff', '\\u0000', '\\uABcd'),
    },
    { weight: 1, arbitrary: fc.constantFrom('é', '€', '😀', '\u2028', '\ufeff', '\u007f', '\u0085') },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 140 }).map((n) => 'x'.repeat(n)) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 70 }).map((n) => '\\\\'.repeat(n)) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 }).map((n) => '\\n\\"'.repeat(n)) },
  );
  const string = fc.array(piece, { maxLength: 6 }).map((pieces) => `"${pieces.join('')}"`);
  const key = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...names).map((name) => `"${name}"`) },
    { weight: 1, arbitrary: fc.constantFrom(...names).map((name) => `"${escapeFirst(name)}"`) },
    { weight: 2, arbitrary: fc.constantFrom(...names).map((name) => `"${name}x"`) },
    { weight: 2, arbitrary: fc.constantFrom('"__proto__"', '"hasOwnProperty"', '""', '"Type"', '"typé"') },
    { weight: 2, arbitrary: string },
  );
  const number = fc.oneof(
    fc.constantFrom(
      '0',
      '-0',
      '7',
      '-7',
      '123456789',
      '1234567890',
      '-123456789',
      '1e3',
      '1E+3',
      '1e400',
      '-1e400',
      '1.5',
      '0.0',
      '2e-7',
      '9007199254740993',
    ),
    fc.integer().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  );
  const { value, object } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 3, arbitrary: string },
      { weight: 3, arbitrary: number },
      { weight: 2, arbitrary: fc.constantFrom('true', 'false', 'null') },
      { weight: 4, arbitrary: tie('object') },
      { weight: 3, arbitrary: tie('array') },
    ),
    object: fc
      .array(fc.tuple(space, key, space, space, tie('value'), space), { maxLength: 6 })
      .map(
        (members) =>
          `{${members.map(([a, name, b, c, held, d]) => `${a}${name}${b}:${c}${held}${d}`).join(',') || ' '}}`,
      ),
    array: fc
      .array(fc.tuple(space, tie('value'), space), { maxLength: 4 })
      .map((held) => `[${held.map((parts) => parts.join('')).join(',')}]`),
  }));
  return fc.oneof({ weight: 9, arbitrary: object }, { weight: 1, arbitrary: value });
}

/** The same bytes with a few of them changed, lost, doubled or cut off. */
export function damaged(bytes: Buffer, changes: readonly (readonly [number, number, number])[]): Buffer {
  let result = bytes;
  for (const [kind, place, byte] of changes) {
    const at = Math.floor(place * result.length);
    const rest = result.subarray(at);
    const middle = kind === 0 ? [byte] : kind === 1 ? [byte, ...rest.subarray(0, 1)] : [];
    const after = kind === 3 ? [] : kind === 4 ? [...rest.subarray(0, 9), ...rest] : rest.subarray(1);
    result = Buffer.concat([result.subarray(0, at), Uint8Array.from(middle), Uint8Array.from(after)]);
  }
  return result;
}

/** Changes for `damaged`; the bytes are mostly those that mean something in JSON. */
export const damage = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 4 }),
    fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...Buffer.from('"\\{}[]:,0-.eE+ntfu \r\t\0\x1f')) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
    ),
  ),
  { minLength: 1, maxLength: 3 },
);

function escapeQuotes(text: string): string {
  return text.replaceAll('"', '\\"');
}

function escapeFirst(name: string): string {
  return `\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}`;
}
