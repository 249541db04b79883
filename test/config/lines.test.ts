import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { keyLines } from '../../src/config/lines.ts';

describe('the line of a key', () => {
  const toml = [
    'top = 1 # not = this', // 1
    'long = """', // 2
    'a = 1', // 3
    '[not.a.table]', // 4
    '""""', // 5
    "literal = '''\\'''", // 6
    'dotted.key."quoted.part" = [ # a comment ]', // 7
    '  1, { inner = 2,', // 8
    '    \'deep\' = { x = "}" } },', // 9
    '] # end', // 10
    '', // 11
    '[ table . "sp ace" ]', // 12
    'key = 1979-05-27 07:32:00', // 13
    '[[list]]', // 14
    'name = "a"', // 15
    '[list.sub]', // 16
    'x = 1', // 17
    '[[list]]', // 18
    'name = "b"', // 19
    '[[list.nested]]', // 20
    'y = 1', // 21
    '[[list.nested]]', // 22
    'y = 2', // 23
  ].join('\n');

  test.each([
    [['top'], 1],
    [['long'], 2],
    [['a'], undefined],
    [['not'], undefined],
    [['literal'], 6],
    [['dotted'], 7],
    [['dotted', 'key', 'quoted.part'], 7],
    [['dotted', 'key', 'quoted.part', 1, 'inner'], 8],
    [['dotted', 'key', 'quoted.part', 1, 'deep', 'x'], 9],
    [['table', 'sp ace', 'key'], 13],
    [['table', 'sp ace', 'gone'], 12],
    [['list', 0, 'name'], 15],
    [['list', 0, 'sub', 'x'], 17],
    [['list', 1], 18],
    [['list', 1, 'name'], 19],
    [['list', 1, 'nested', 1, 'y'], 23],
    [['list', 1, 'nested', 0, 'y'], 21],
    [['elsewhere'], undefined],
  ] as const)('%j is in line %s', (key, line) => {
    parse(toml); // it is good TOML
    expect(keyLines(toml)(key)).toBe(line);
  });

  test('is unknown, not wrong, behind something strange', () => {
    const lines = keyLines('a = 1\n"\\U0001F600" = 1\nb = 2\n');
    expect(lines(['a'])).toBe(1);
    expect(lines(['b'])).toBeUndefined();
  });

  test('is right in any file: each value has a number of its own, found on the line of its key', () => {
    const name = fc.oneof(fc.constantFrom('a', 'b', 'c.d', '"', "'", '# x', ''), fc.string({ maxLength: 4 }));
    const { table } = fc.letrec((tie) => ({
      value: fc.oneof(
        { withCrossShrink: true },
        fc.constant(0),
        tie('table'),
        fc.array(tie('table'), { maxLength: 3 }),
      ),
      table: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(table, (tree) => {
        const leaves: (readonly (string | number)[])[] = [];
        const toml = stringify(number(tree, [], leaves) as Record<string, unknown>);
        const [lineOf, lines] = [keyLines(toml), toml.split('\n')];
        for (const [i, leaf] of leaves.entries()) {
          expect(lines[(lineOf(leaf) ?? 0) - 1]).toMatch(new RegExp(`= ${1000 + i}\\b`));
        }
      }),
    );
  });

  test('comes to an end with any text', () => {
    const piece = fc.constantFrom('[', ']', '{', '}', '"', "'", '=', '.', ',', '\n', '#', 'a', ' ', '\\');
    fc.assert(fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => keyLines(pieces.join(''))(['a']) !== 0));
  });

  test('counts Windows line ends once', () => {
    expect(keyLines('a = 1\r\nb = 2\r\n')(['b'])).toBe(2);
  });
});

/** A copy of the tree in which each number is another one, from 1000; `leaves` gets their paths in that order. */
function number(tree: unknown, at: readonly (string | number)[], leaves: (readonly (string | number)[])[]): unknown {
  if (Array.isArray(tree)) return tree.map((item, i) => number(item, [...at, i], leaves));
  if (typeof tree === 'number') return 999 + leaves.push(at);
  const entries = Object.entries(tree as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, value]) => [key, number(value, [...at, key], leaves)]));
}
