import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildAll, hasTmux, openTerminal, type Terminal } from './terminal.ts';

const limitMs = 180_000;
beforeAll(buildAll, limitMs);

/** A first start as a person sees it, over a home of its own. */
describe.skipIf(!hasTmux)('the first start in a real terminal', () => {
  let terminal: Terminal;
  let ours: string;
  let registered: string;
  let config: string;

  beforeAll(() => {
    terminal = openTerminal(60, 20);
    terminal.appendTurn();
    ours = terminal.env.SCOPEON_HOME ?? '';
    config = join(ours, 'config.toml');
    registered = join(terminal.env.CLAUDE_CONFIG_DIR ?? '', '.claude.json'); // where Claude Code reads its servers then
  });

  afterAll(() => terminal?.close());

  const isOver = (): boolean => /code=0\nready>/.test(terminal.screen());
  const shows = (pattern: RegExp): Promise<void> =>
    terminal.until(String(pattern), () => pattern.test(terminal.screen()));

  test(
    'a page for a script takes nothing of it; declined it writes nothing, and the second start goes straight on',
    async () => {
      const { start, until, type } = terminal;
      start('start --once');
      await until('a page', isOver);
      expect(existsSync(join(ours, 'onboarded'))).toBe(false);
      const before = readdirSync(join(terminal.home, 'claude'));

      start('start', 'NO_COLOR=1');
      await shows(/Welcome to scopeon/);
      await shows(/Claude Code +1 turn/);
      type('j', 'Enter');
      await shows(/\.claude\.json would\s+change/);
      type('n');
      await shows(/▌ {3}Let Claude Code ask what it costs/);
      type('j', 'Enter');
      await shows(/▌ A day, in US dollars/);
      type('5', 'Enter', 'Enter', 'Enter');
      await shows(/\+ daily_usd = 5/);
      type('Escape');
      await shows(/▌ {3}A budget/);
      type('Escape');
      await until('the live view', () => !/Welcome/.test(terminal.screen()) && /shop/.test(terminal.screen()));
      type('q');
      await until('the end', isOver);
      expect(existsSync(config)).toBe(false);
      expect(readdirSync(join(terminal.home, 'claude'))).toEqual(before);

      start();
      await until('the live view', () => /shop/.test(terminal.screen()) && /q quit/.test(terminal.screen()));
      expect(terminal.screen()).not.toContain('Welcome');
      type('q');
      await until('the end', isOver);
    },
    limitMs,
  );

  test(
    'agreed to, it registers and sets a budget, which counts at once; an edit counts, a broken one leaves what held',
    async () => {
      const { start, until, type } = terminal;
      rmSync(join(ours, 'onboarded'));
      start();
      await shows(/Welcome to scopeon/);
      type('j', 'Enter');
      await shows(/y changes it/);
      type('y');
      await shows(/✓ Registered with Claude Code/);
      const servers = JSON.parse(readFileSync(registered, 'utf8')).mcpServers;
      expect(servers.scopeon.args.at(-1)).toBe('mcp');
      type('Escape');
      await shows(/▌ ✓ Let Claude Code/);
      type('j', 'Enter');
      await shows(/▌ A day, in US dollars/);
      type('5', '.', '.', 'Enter', 'Enter', 'Enter');
      await shows(/! "5\.\." is not an amount/);
      type('BSpace', '5', '0', 'Enter', 'Enter', 'Enter');
      await shows(/\+ daily_usd = 5\.5/);
      type('y');
      await shows(/✓ Written:/);
      expect(readFileSync(config, 'utf8')).toBe('[budget]\ndaily_usd = 5.5\n');
      type('5');
      await shows(/of \$5\.50/);

      writeFileSync(config, '[budget]\ndaily_usd = 7\n', { mode: 0o600 });
      await shows(/of \$7\.00/);
      writeFileSync(config, '[budget\n', { mode: 0o600 });
      await shows(/Settings of before hold: config\.toml line 1/);
      expect(terminal.screen()).toMatch(/of \$7\.00/);
      writeFileSync(config, '[budget]\ndaily_usd = 8\n', { mode: 0o600 });
      await until(
        'it is mended',
        () => /of \$8\.00/.test(terminal.screen()) && !/of before hold/.test(terminal.screen()),
      );
      writeFileSync(config, '[budget]\ndaily_usd = 1\n', { mode: 0o600 });
      await shows(/· x/);
      type('x');
      await shows(/silent until \d\d:\d\d/);
      type('q');
      await until('the end', isOver);
      start();
      await shows(/alerts? silent until \d\d:\d\d · X shows/);
      type('X');
      await shows(/· x/);
      type('q');
      await until('the end', isOver);
    },
    limitMs,
  );
});
