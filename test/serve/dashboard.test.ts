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
      timezoneId: 'UTC',
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

  /** What the keyboard stands on. */
  const focused = (page: Page): Promise<unknown> => page.evaluate('document.activeElement.dataset.key');

  async function shown(page: Page): Promise<void> {
    await page.locator('#connection.live').waitFor();
    await page.locator('#providers td').first().waitFor();
    await page.locator('.card .big').first().waitFor();
    await page.locator('#spend .uplot canvas').waitFor(); // reports take a thread of their own, and so a moment longer
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
      expect(troubles).toEqual([]);
      await page.close();
    },
    60_000,
  );

  it.skipIf(pictures === undefined)(
    'is pictured with made-up sessions',
    async () => {
      const directory = pictures ?? '';
      mkdirSync(directory, { recursive: true });
      const demo = await startServer(['--tier', '3'], { isDemo: true });
      for (const width of [1280, 390])
        for (const scheme of ['light', 'dark'] as const) {
          const { page, troubles } = await open({ url: demo.url('/'), width, scheme });
          await shown(page);
          await page.locator('#tools td').first().waitFor();
          const picture = (name: string): string => join(directory, `${name}-${width}-${scheme}.png`);
          await page.screenshot({ path: picture('dashboard'), fullPage: true });
          await page.locator('#sessions table button').first().click();
          await page.locator('#session .uplot canvas').waitFor();
          await page.locator('#session').screenshot({ path: picture('session') });
          expect(troubles).toEqual([]);
          await page.close();
        }
      await demo.close();
    },
    120_000,
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
    expect(await focused(page)).toBe('close');
    await page.keyboard.press('Escape');
    await page.locator('#session').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe(await first.getAttribute('data-key'));
    expect(troubles).toEqual([]);
    await page.close();
  }, 60_000);

  it('shows a line that is appended, by itself', async () => {
    const { page } = await open();
    await shown(page);
    const turns = async (): Promise<number> =>
      Number(/([\d.]+) turns in/.exec(await page.locator('main').innerText())?.[1] ?? 0);
    const before = await turns();
    const last = page.locator('#sessions table button').last();
    await last.focus();
    const key = await last.getAttribute('data-key');
    await page.locator('#spend summary').click();
    await last.focus();
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
    // Tables are filled anew, and whoever is in one stays where they were.
    await expect
      .poll(() => page.locator('#sessions tbody tr').first().innerText(), { timeout: 15_000 })
      .toContain('just now');
    expect(await focused(page)).toBe(key);
    expect(await page.locator('#spend details').getAttribute('open')).not.toBeNull();
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
    await page.getByText(/Disconnected: figures of \d\d:\d\d:\d\d|Asking/).waitFor({ timeout: 15_000 });
    const again = await startServer(['--port', String(other.port)], { home: madeHome() });
    await page.locator('#connection.live').waitFor({ timeout: 30_000 });
    await again.close();
    await page.close();
  }, 60_000);

  it('follows by an event stream where no WebSocket comes up, and by asking where neither does', async () => {
    for (const [way, words] of [
      ['stream', 'Live (event stream)'],
      ['polling', 'Asking every ten seconds'],
    ] as const) {
      const page = await (await browser.newContext()).newPage();
      await page.routeWebSocket('**', (socket) => void socket.close());
      if (way === 'polling') await page.route('**/sse/**', (route) => route.abort());
      await page.goto(server.url('/'));
      await page.locator(`#connection.${way}`).waitFor({ timeout: 30_000 });
      expect(await page.locator('#connection').innerText()).toBe(words);
      await page.locator('.card .big').first().waitFor();
      expect(await page.locator('main').innerText()).toMatch(/\d+ turns in 3 sessions/);
      await page.close();
    }
  }, 90_000);

  it('tells by the pointer what a day cost', async () => {
    const { page } = await open();
    await shown(page);
    const place = await page.locator('#spend .u-over').boundingBox();
    if (place === null) throw new Error('there is no chart');
    const day = place.width / 30;
    await page.mouse.move(place.x + day * 24.5, place.y + place.height / 2); // five days ago
    await expect.poll(() => page.locator('#spend .tip').innerText(), { timeout: 15_000 }).toMatch(/^\d+ \w+ · \$\d/);
    expect(await page.locator('#spend .tip li').count()).toBeGreaterThan(0);
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
