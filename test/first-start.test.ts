import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandContext } from '../src/command.ts';
import { loadConfig } from '../src/config.ts';
import { firstOffers, takeFirstStart } from '../src/first-start.ts';
import type { Offer, OfferPlan } from '../src/tui/offer.ts';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'scopeon-first-'));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

async function offers(
  env: Readonly<Record<string, string>> = {},
  found: ReadonlyMap<string, readonly string[]> = new Map(),
): Promise<readonly Offer[]> {
  const loaded = await loadConfig({ env, home, platform: process.platform });
  const context = { env, home, now: () => 0, config: async () => loaded } as unknown as CommandContext; // what offers use of it
  return firstOffers(context, loaded, found);
}

async function planned(offer: Offer | undefined, texts: readonly string[]): Promise<OfferPlan> {
  const plan = await offer?.plan(texts);
  if (plan === undefined || 'wrong' in plan) throw new Error(plan?.wrong ?? 'no offer');
  return plan;
}

test('a first start is one once', () => {
  const directory = join(home, '.scopeon');
  expect([takeFirstStart(directory), takeFirstStart(directory)]).toEqual([true, false]);
});

test('agents are those whose logs are here, and a budget is always offered', async () => {
  mkdirSync(join(home, 'logs'));
  const found = new Map([
    ['claude-code', [join(home, 'nowhere'), join(home, 'logs')]],
    ['codex', [join(home, 'nowhere')]],
    ['aider', [join(home, 'logs')]], // no client of MCP servers
  ]);
  const titles = (await offers({}, found)).map((offer) => offer.title);
  expect(titles).toEqual(['Let Claude Code ask what it costs', 'A budget for a day, a week, a month']);
});

test.skipIf(process.platform === 'win32')(
  'the prompt of a known shell is offered, and written after a yes',
  async () => {
    expect(await offers({ SHELL: '/bin/tcsh' })).toHaveLength(1);
    const [, offer] = await offers({ SHELL: '/usr/bin/zsh' });
    const file = join(home, '.zshrc');
    writeFileSync(file, 'alias l=ls\n');
    const { lines, carryOut } = await planned(offer, []);
    expect(lines[0]).toBe(`${file} would change:`);
    expect(lines.filter((line) => !line.startsWith('+ ')).slice(1)).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe('alias l=ls\n');
    await carryOut?.();
    expect(readFileSync(file, 'utf8')).toMatch(
      /^alias l=ls\n\n# >>> scopeon shell-hook >>>\n[\s\S]*# <<< scopeon shell-hook <<<\n$/,
    );
    expect((await planned(offer, [])).carryOut).toBeUndefined();
  },
);

test('what registering would change is told, and nothing is changed by that', async () => {
  const file = join(home, '.claude.json');
  writeFileSync(file, '{"numStartups": 3}\n');
  const [offer] = await offers({}, new Map([['claude-code', [home]]]));
  const { lines, carryOut } = await planned(offer, []);
  expect(lines[0]).toBe(`${file} would change, at "mcpServers":`);
  expect(lines.join('\n')).toMatch(/\+ .*"scopeon"/);
  expect(carryOut).toBeDefined();
  expect(readFileSync(file, 'utf8')).toBe('{"numStartups": 3}\n');
  writeFileSync(file, '{"mcpServers": [}');
  await expect(planned(offer, [])).rejects.toThrow(/\.claude\.json .*JSON/);
  expect(readdirSync(home)).toEqual(['.claude.json']);
});

test('a budget is written after a yes, into a file of its owner alone, and set again keeps what was there', async () => {
  const file = join(home, '.scopeon', 'config.toml');
  const [offer] = await offers();
  expect(offer?.fields?.map(({ text }) => text)).toEqual(['', '', '']);
  const first = await planned(offer, ['5', '', '$40.50']);
  expect(first.lines).toEqual([`${file} would be made:`, '+ [budget]', '+ daily_usd = 5', '+ monthly_usd = 40.5']);
  expect(existsSync(file)).toBe(false);
  await first.carryOut?.();
  const loaded = await loadConfig({ env: {}, home, platform: process.platform });
  expect(loaded.config.budget).toMatchObject({ daily_usd: 5, weekly_usd: 0, monthly_usd: 40.5 });
  expect(loaded.warnings).toEqual([]);

  const [again] = await offers({ SCOPEON_BUDGET_WEEKLY_USD: '9' });
  expect(again?.fields?.map(({ text }) => text)).toEqual(['5', '9', '40.5']);
  const second = await planned(again, ['', '10', '40.5']);
  expect(second.lines.slice(1)).toEqual([
    '- daily_usd = 5',
    '+ weekly_usd = 10',
    '+ daily_usd = 0',
    'The variable SCOPEON_BUDGET_WEEKLY_USD is set, and decides over the file.',
  ]);
  const told = await second.carryOut?.();
  expect(told?.join(' ')).toMatch(/What was there before: .*config\.toml\.scopeon-1\.bak/);
  expect(readFileSync(file, 'utf8')).toBe('[budget]\nweekly_usd = 10\ndaily_usd = 0\nmonthly_usd = 40.5\n');
  expect((await planned(again, ['5', '9', '40.5'])).carryOut).toBeUndefined();
});

test.each([['five'], ['-1'], ['1,50'], ['1e3'], ['5 USD'], ['1234567890']])('%j is no amount', async (text) => {
  const [offer] = await offers();
  const plan = await offer?.plan(['', text, '']);
  expect(plan).toMatchObject({ field: 1, wrong: expect.stringContaining(`"${text}" is not an amount`) });
  expect(readdirSync(home)).toEqual([]);
});

test('a file that only a person can edit, or that was changed meanwhile, stays as it is and is told of', async () => {
  const folder = join(home, '.scopeon');
  mkdirSync(folder);
  const file = join(folder, 'config.toml');
  writeFileSync(file, 'budget = { daily_usd = 1 }\n', { mode: 0o600 });
  const [offer] = await offers();
  await expect(planned(offer, ['5', '', ''])).rejects.toThrow(/only you can edit/);
  writeFileSync(file, '[budget]\n', { mode: 0o600 });
  const plan = await planned(offer, ['5', '', '']);
  writeFileSync(file, '[budget] # mine\n', { mode: 0o600 });
  await expect(plan.carryOut?.()).rejects.toThrow(/was changed meanwhile/);
  expect(readFileSync(file, 'utf8')).toBe('[budget] # mine\n');
});
