/**
 * Pictures of the live view as a real terminal shows it, on made-up data: those of docs/terminal.md. Needs tmux and Chromium.
 *
 *   npm run pictures                                   writes docs/terminal/*.png
 *   npm run pictures -- --out DIR --size 60x20         the same pictures elsewhere, each in this size
 *   npm run pictures -- --only budget --theme cockpit  one of them, in another theme
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { ansiPage, darkLook, lightLook } from './ansi-page.ts';
import { smallPng } from './small-png.ts';

interface Shot {
  /** Keys that lead to it, as tmux names them. */
  readonly keys: readonly string[];
  readonly size?: string;
  readonly look?: 'dark' | 'light';
  /** As on a first start. */
  readonly isFirst?: boolean;
}

const shots: Readonly<Record<string, Shot>> = {
  welcome: { keys: ['j'], size: '80x24', isFirst: true },
  dashboard: { keys: ['1'] },
  sessions: { keys: ['2'] },
  session: { keys: ['2', 'Enter', 'h', 'h'] },
  trends: { keys: ['2', 't'] },
  config: { keys: ['3'] },
  insights: { keys: ['4'] },
  budget: { keys: ['5'] },
  providers: { keys: ['6'] },
  agents: { keys: ['7'] },
  light: { keys: ['1'], look: 'light' },
  wide: { keys: ['1'], size: '200x50' },
  widget: { keys: ['1'], size: '34x6' },
};

const root = resolve(import.meta.dirname, '..');
const { values: asked } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'docs', 'terminal') },
    only: { type: 'string' },
    size: { type: 'string' },
    look: { type: 'string' },
    theme: { type: 'string', default: 'standard' },
  },
});
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (executablePath === undefined) throw new Error('No Chromium was found to take pictures with.');

const scratch = mkdtempSync(join(tmpdir(), 'scopeon-pictures-'));
const home = join(scratch, 'home');
type Tmux = (...words: readonly string[]) => string;
try {
  makeHome();
  mkdirSync(asked.out, { recursive: true });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-lcd-text'] });
  try {
    for (const [name, shot] of Object.entries(shots))
      if (asked.only === undefined || asked.only.split(',').includes(name)) await take(browser, name, shot);
  } finally {
    await browser.close();
  }
} finally {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}

/** The demo's home, with limits in its settings so that their bars have something to show. */
function makeHome(): void {
  const { SCOPEON_DEMO, ...env } = plainEnv('dark');
  const words = [join(root, 'bin', 'scopeon.js'), 'demo', '--keep', home, 'status'];
  execFileSync(process.execPath, words, { env, stdio: 'ignore' });
  const settings = [
    `[general]\ntheme = "${asked.theme}"`,
    '[budget]\ndaily_usd = 25\nweekly_usd = 100\nmonthly_usd = 300',
    '[budget.projects."billing-api"]\nmonthly_usd = 40',
  ];
  writeFileSync(join(home, '.scopeon', 'config.toml'), `${settings.join('\n\n')}\n`, { mode: 0o600 });
}

function plainEnv(look: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    TERM: 'tmux-256color',
    COLORTERM: 'truecolor',
    COLORFGBG: look === 'light' ? '0;15' : '15;0',
    SCOPEON_HOME: join(home, '.scopeon'),
    CLAUDE_CONFIG_DIR: join(home, '.claude'),
    SCOPEON_DEMO: '1',
  };
}

async function take(browser: Browser, name: string, shot: Shot): Promise<void> {
  const [columns = 120, rows = 40] = (asked.size ?? shot.size ?? '120x40').split('x').map(Number);
  const look = asked.look ?? shot.look ?? 'dark';
  const { SCOPEON_DEMO, ...first } = plainEnv(look);
  if (shot.isFirst === true) rmSync(join(home, '.scopeon', 'onboarded'), { force: true });
  const env = Object.entries(shot.isFirst === true ? { ...first, SHELL: '/bin/bash' } : plainEnv(look)).map(
    ([variable, value]) => `${variable}='${value}'`,
  );
  const program = `env -i ${env.join(' ')} '${process.execPath}' '${join(root, 'bin', 'scopeon.js')}' start`;
  // A server for each: one that is being ended still answers for a moment.
  const tmux: Tmux = (...words) =>
    execFileSync('tmux', ['-S', join(scratch, name), '-f', '/dev/null', '-u', ...words], { encoding: 'utf8' });
  tmux('new-session', '-d', '-s', 'view', '-x', String(columns), '-y', String(rows), program);
  try {
    tmux('set-option', '-g', 'status', 'off');
    tmux('resize-window', '-t', 'view', '-x', String(columns), '-y', String(rows));
    await still(tmux);
    for (const key of shot.keys) {
      tmux('send-keys', '-t', 'view', key);
      await still(tmux);
    }
    const page = await browser.newPage({ viewport: { width: 400, height: 300 } });
    await page.setContent(ansiPage(await still(tmux), { ...(look === 'light' ? lightLook : darkLook), columns }));
    const path = join(asked.out, `${name}.png`);
    writeFileSync(path, smallPng(await page.locator('#screen').screenshot()));
    await page.close();
    process.stdout.write(`${path}\n`);
  } finally {
    tmux('kill-server');
  }
}

/** The screen with its colours, once it has stood for a while with figures on it. */
async function still(tmux: Tmux): Promise<string> {
  let before = '';
  for (let looks = 0, calm = 0; looks < 240; looks++) {
    await new Promise((done) => setTimeout(done, 250));
    const screen = tmux('capture-pane', '-e', '-p', '-t', 'view');
    const isThere = screen.includes('$') && !/reading|starting/.test(screen.split('\n')[0] ?? '');
    calm = isThere && screen === before ? calm + 1 : 0;
    if (calm >= 2) return screen;
    before = screen;
  }
  throw new Error(`The live view does not come to rest:\n${before}`);
}
