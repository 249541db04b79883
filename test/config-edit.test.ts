import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { withSettings } from '../src/config/edit.ts';

const limits = { daily_usd: 5, monthly_usd: 12.5 };

test.each([
  ['an empty text', '', '[budget]\ndaily_usd = 5\nmonthly_usd = 12.5\n'],
  [
    'other sections, comments and their order stay',
    '# mine\n[general]\ntheme = "cockpit" # dark\n',
    '# mine\n[general]\ntheme = "cockpit" # dark\n\n[budget]\ndaily_usd = 5\nmonthly_usd = 12.5\n',
  ],
  [
    'a value is replaced where it stands, its comment stays',
    '[budget] # of the team\nweekly_usd = 9\ndaily_usd  =  2.0   # not more\n\n[budget.projects."a b"]\ndaily_usd = 1\n',
    '[budget] # of the team\nmonthly_usd = 12.5\nweekly_usd = 9\ndaily_usd  =  5   # not more\n\n[budget.projects."a b"]\ndaily_usd = 1\n',
  ],
  [
    'a table of a section that has no line of its own',
    '[budget.providers.codex]\ndaily_usd = 1',
    '[budget.providers.codex]\ndaily_usd = 1\n\n[budget]\ndaily_usd = 5\nmonthly_usd = 12.5\n',
  ],
  [
    'lines end as they did',
    '[alerts]\r\nbell = true\r\n',
    '[alerts]\r\nbell = true\r\n\r\n[budget]\r\ndaily_usd = 5\r\nmonthly_usd = 12.5\r\n',
  ],
  [
    'lines of two kinds, and none at the end',
    '[alerts]\r\nbell = true\n# mine',
    '[alerts]\r\nbell = true\n# mine\r\n\r\n[budget]\r\ndaily_usd = 5\r\nmonthly_usd = 12.5\r\n',
  ],
  [
    'a key that only looks like one',
    '[general]\ntheme = """\n[budget]\ndaily_usd = 1\n"""\n[budget]\n"daily_usd" = 1\n',
    undefined,
  ],
])('%s', (_name, before, after) => {
  if (after === undefined) {
    expect(() => withSettings(before, 'budget', limits)).toThrow(/written in a way that only you can edit/);
    return;
  }
  const edited = withSettings(before, 'budget', limits);
  expect(edited).toBe(after);
  expect(parse(edited).budget).toMatchObject(limits);
  expect(withSettings(edited, 'budget', limits)).toBe(edited);
});

test.each([
  ['budget = { daily_usd = 1 }\n'],
  ['budget.daily_usd = 1\n[general]\ntheme = "standard"\n'],
  ['[[budget]]\ndaily_usd = 1\n'],
  ['[budget]\ndaily_usd = [\n  1 ]\n'],
])('what only a person can edit is refused: %j', (before) => {
  try {
    // Where it can be done after all, all else must be as it was.
    const edited = parse(withSettings(before, 'budget', limits));
    expect(edited).toEqual({ ...parse(before), budget: { ...(parse(before).budget as object), ...limits } });
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toMatch(/only you can edit/);
  }
});

test('no TOML is refused', () => {
  expect(() => withSettings('[budget\n', 'budget', limits)).toThrow(/is not valid TOML/);
});
