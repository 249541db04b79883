/**
 * Pictures of every tab as a real terminal shows it, on made-up data: `npm run pictures`. Needs tmux and Chromium.
 * Options: --out DIR (docs/terminal), --size 120x40, --look dark|light, --tabs 1234567, --theme NAME, --text.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { ansiPage, darkLook, lightLook } from './ansi-page.ts';

const root = resolve(import.meta.dirname, '..');
const names = ['dashboard', 'sessions', 'config', 'insights', 'budget', 'providers', 'agents'];
const { values: asked } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'docs', 'terminal') },
    size: { type: 'string', default: '120x40' },
    look: { type: 'string', default: 'dark' },
    tabs: { type: 'string', default: '1234567' },
    theme: { type: 'string', default: 'standard' },
    /** Keys pressed once the tab is there, as tmux names them. */
    keys: { type: 'string', default: '' },
    suffix: { type: 'string', default: '' },
    home: { type: 'string' },
    text: { type: 'boolean', default: false },
  },
});
const [columns = 120, rows = 40] = asked.size.split('x').map(Number);
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (executablePath === undefined) throw new Error('No Chromium was found to take pictures with.');

const scratch = mkdtempSync(join(tmpdir(), 'scopeon-pictures-'));
const tmux = (...words: readonly string[]): string =>
  execFileSync('tmux', ['-S', join(scratch, 'tmux'), '-f', '/dev/null', '-u', ...words], { encoding: 'utf8' });
try {
  const home = asked.home ?? join(scratch, 'home');
  if (!existsSync(home)) makeHome(home);
  startView(home);
  await still();
  mkdirSync(asked.out, { recursive: true });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 400, height: 300 } });
    for (const tab of asked.tabs) {
      tmux('send-keys', '-t', 'view', tab);
      await still();
      if (asked.keys !== '') tmux('send-keys', '-t', 'view', ...asked.keys.split(' '));
      const screen = await still();
      const name = `${names[Number(tab) - 1] ?? tab}${asked.suffix}`;
      if (asked.text) writeFileSync(join(asked.out, `${name}.txt`), screen);
      await page.setContent(ansiPage(screen, { ...(asked.look === 'light' ? lightLook : darkLook), columns }));
      await page.locator('#screen').screenshot({ path: join(asked.out, `${name}.png`) });
      process.stdout.write(`${join(asked.out, `${name}.png`)}\n`);
    }
  } finally {
    await browser.close();
  }
} finally {
  try {
    tmux('kill-server');
  } catch {
    // it never started
  }
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}

/** The demo's home, with limits in its settings so that their bars have something to show. */
function makeHome(home: string): void {
  const program = join(root, 'bin', 'scopeon.js');
  const { SCOPEON_DEMO, ...env } = plainEnv(scratch);
  execFileSync(process.execPath, [program, 'demo', '--keep', home, 'status'], { env, stdio: 'ignore' });
  const settings = [
    `[general]\ntheme = "${asked.theme}"`,
    '[budget]\ndaily_usd = 60\nweekly_usd = 250\nmonthly_usd = 900',
    '[budget.projects."billing-api"]\nmonthly_usd = 200',
  ];
  writeFileSync(join(home, '.scopeon', 'config.toml'), `${settings.join('\n\n')}\n`, { mode: 0o600 });
}

function plainEnv(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    TERM: 'tmux-256color',
    COLORTERM: 'truecolor',
    SCOPEON_HOME: join(home, '.scopeon'),
    SCOPEON_GENERAL_THEME: asked.theme,
    CLAUDE_CONFIG_DIR: join(home, '.claude'),
    SCOPEON_DEMO: '1',
    COLORFGBG: asked.look === 'light' ? '0;15' : '15;0',
  };
}

function startView(home: string): void {
  const env = Object.entries({ ...plainEnv(home), HOME: home }).map(([name, value]) => `${name}='${value}'`);
  const program = `env -i ${env.join(' ')} '${process.execPath}' '${join(root, 'bin', 'scopeon.js')}' start`;
  tmux('new-session', '-d', '-s', 'view', '-x', String(columns), '-y', String(rows), program);
  tmux('set-option', '-g', 'status', 'off');
  tmux('resize-window', '-t', 'view', '-x', String(columns), '-y', String(rows));
}

/** The screen once it has stood for a while with figures on it. */
async function still(): Promise<string> {
  let before = '';
  for (let looks = 0, calm = 0; looks < 200; looks++) {
    await new Promise((done) => setTimeout(done, 250));
    const screen = tmux('capture-pane', '-e', '-p', '-t', 'view');
    const isThere = screen.includes('$') && !/reading|starting/.test(screen.split('\n')[0] ?? '');
    calm = isThere && screen === before ? calm + 1 : 0;
    if (calm >= 3) return screen;
    before = screen;
  }
  return before;
}
