import { appendFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../helpers/bin.ts';
import { madeHome, startServer, type TestServer } from './server.ts';

// The page in a real browser on real figures. Where no Chromium is installed there is nothing to look with.

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
if (executablePath === undefined) console.log('The dashboard is not tested: no Chromium was found.');

const secret = 'a-secret-of-24-characters';
/** Pictures of the page are kept here where a directory is named. */
const pictures = process.env.SCOPEON_PICTURES;

describe.skipIf(executablePath === undefined)('the dashboard', () => {
  let browser: Browser;
  let server: TestServer;
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    server = await startServer(['--tier', '3', '--timezone', 'UTC'], { home: madeHome() });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** A page that fails the test when anything goes wrong on it or it asks anybody else. */
  async function open(
    options: { url?: string; width?: number; scheme?: 'light' | 'dark' } = {},
  ): Promise<{ page: Page; troubles: string[] }> {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1280, height: 900 },
      colorScheme: options.scheme ?? 'light',
    });
    const page = await context.newPage();
    const troubles: string[] = [];
    const url = options.url ?? server.url('/');
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text());
    });
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:')) troubles.push(`asked ${request.url()}`);
    });
    await page.goto(url);
    return { page, troubles };
  }

  async function shown(page: Page): Promise<void> {
    await page.locator('#connection.live').waitFor();
    await page.locator('#providers td').first().waitFor();
    await page.locator('.card .big').first().waitFor();
  }

  it('shows the same figures as the command line, with nothing in the console and nobody else asked', async () => {
    const { page, troubles } = await open();
    await shown(page);
    const { stdout } = await run(['status', '--json', '--timezone', 'UTC', '--no-ingest'], { home: server.home });
    const { all } = JSON.parse(stdout);
    const text = await page.locator('main').innerText();
    expect(text).toContain(all.cost_usd.toLocaleString('en-US', { style: 'currency', currency: 'USD' }));
    expect(text).toContain(`${all.turns} turns in ${all.sessions} sessions`);
    expect(text).toContain(`${(all.cache_hit_rate * 100).toFixed(1)} %`);
    expect(await page.locator('#version').innerText()).toMatch(/^v\d+\.\d+\.\d+ · tier 3$/);
    expect(await page.locator('#spend .uplot canvas').count()).toBe(1);
    expect(troubles).toEqual([]);
    await page.close();
  }, 60_000);

  it.each([
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)(
    'fits %i columns in %s, without a serious accessibility fault',
    async (width, scheme) => {
      const { page, troubles } = await open({ width, scheme });
      await shown(page);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter((each) => each.impact === 'serious' || each.impact === 'critical');
      expect(serious.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
      if (pictures !== undefined) {
        mkdirSync(pictures, { recursive: true });
        await page.screenshot({ path: join(pictures, `dashboard-${width}-${scheme}.png`), fullPage: true });
      }
      expect(troubles).toEqual([]);
      await page.close();
    },
    60_000,
  );

  it('opens a session with its turns, by keyboard alone', async () => {
    const { page, troubles } = await open();
    await shown(page);
    const first = page.locator('#sessions table button').first();
    await first.waitFor();
    await first.focus();
    await page.keyboard.press('Enter');
    await page.locator('#session table tbody tr').first().waitFor();
    expect(await page.locator('#session table tbody tr').count()).toBeGreaterThanOrEqual(12);
    expect(await page.locator('#session .uplot canvas').count()).toBe(1);
    expect(troubles).toEqual([]);
    await page.close();
  }, 60_000);

  it('shows a line that is appended, by itself', async () => {
    const { page } = await open();
    await shown(page);
    const turns = async (): Promise<number> =>
      Number(/([\d.]+) turns in/.exec(await page.locator('main').innerText())?.[1] ?? 0);
    const before = await turns();
    const root = join(server.home, '.claude', 'projects');
    const file = readdirSync(root, { recursive: true, encoding: 'utf8' }).find((name) =>
      name.endsWith('00000000abcd.jsonl'),
    );
    const line = {
      type: 'assistant',
      uuid: 'live-1',
      sessionId: 'x',
      cwd: '/home/dev/shop',
      version: '2.1.80',
      isSidechain: false,
      timestamp: new Date().toISOString(),
      message: {
        id: 'msg_live_dashboard',
        role: 'assistant',
        model: 'claude-haiku-4-5-20251001',
        content: [{ type: 'text', text: 'CANARY' }],
        usage: {
          input_tokens: 10,
          cache_read_input_tokens: 100_000,
          cache_creation_input_tokens: 0,
          output_tokens: 90,
        },
      },
    };
    appendFileSync(join(root, file ?? ''), `${JSON.stringify(line)}\n`);
    await expect.poll(turns, { timeout: 15_000 }).toBe(before + 1);
    expect(await page.locator('main').innerText()).toMatch(/50\.0 %|50\.1 %/);
    await page.close();
  }, 60_000);

  it('asks for the token, says when it is wrong, keeps it for this tab alone, and then shows everything', async () => {
    const guarded = await startServer(['--tier', '2', '--secret', secret], { home: madeHome(), token: secret });
    try {
      const { page } = await open({ url: guarded.url('/') });
      const input = page.locator('#token-text');
      await input.waitFor();
      await input.fill('wrong');
      await page.keyboard.press('Enter');
      await page.getByText('That was not it.').waitFor();
      await page.locator('#token-text').fill(secret);
      await page.keyboard.press('Enter');
      await shown(page);
      expect(await page.evaluate('JSON.stringify([document.cookie, Object.keys(localStorage), location.href])')).toBe(
        JSON.stringify(['', [], guarded.url('/')]),
      );
      await page.reload();
      await shown(page);
      await page.close();
    } finally {
      await guarded.close();
    }
  }, 60_000);

  it('says so when the server is gone, and comes back with it', async () => {
    const other = await startServer([], { home: madeHome() });
    const { page } = await open({ url: other.url('/') });
    await shown(page);
    await other.close();
    await page.getByText(/Disconnected|Asking/).waitFor({ timeout: 15_000 });
    await page.close();
  }, 60_000);

  it('tells what to do while there is nothing to show', async () => {
    const empty = await startServer([], { home: join(madeHome(), '..', 'nobody'), isEmpty: true });
    try {
      const { page } = await open({ url: empty.url('/') });
      await page
        .getByText(/No agent has left logs|being read for the first time/)
        .first()
        .waitFor({ timeout: 15_000 });
      await page.close();
    } finally {
      await empty.close();
    }
  }, 60_000);
});
