import type { ChildProcess } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../helpers/bin.ts';
import { startServer } from '../serve/server.ts';
import { type Receiver, startReceiver } from './receiver.ts';

// Real processes, a real log that grows, a real receiver.

let directory: string;
let home: string;
let log: string;
let receiver: Receiver;
let running: ChildProcess[];
let number: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'scopeon-alerts-'));
  home = join(directory, 'home');
  receiver = await startReceiver();
  running = [];
  number = 0;
  const project = join(home, '.claude', 'projects', '-home-dev-shopCANARY');
  mkdirSync(project, { recursive: true });
  log = join(project, 'aaaa2222-0000-4000-8000-000000000001.jsonl');
  mkdirSync(join(directory, 'scopeon'));
  config('');
});

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  await receiver.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

const secret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;

function config(more: string, ofWebhook = ''): void {
  const path = join(directory, 'scopeon', 'config.toml');
  writeFileSync(path, `[alerts]\n${more}\n[[alerts.webhooks]]\nurl = "${receiver.url}"\n${ofWebhook}\n`, {
    mode: 0o600,
  });
}

/** A response whose context is so full, in percent of haiku's 200 000 tokens. */
function answer(fillPct: number, at = Date.now()): string {
  const id = ++number;
  return `${JSON.stringify({
    type: 'assistant',
    uuid: `u${id}`,
    sessionId: 'aaaa2222-0000-4000-8000-000000000001',
    cwd: '/home/dev/shopCANARY',
    gitBranch: 'CANARY',
    version: '2.1.200',
    isSidechain: false,
    timestamp: new Date(at).toISOString(),
    message: {
      id: `msg_${id}`,
      role: 'assistant',
      model: 'claude-haiku-4-5-20251001',
      content: [{ type: 'text', text: 'CANARY' }],
      usage: {
        input_tokens: 0,
        cache_read_input_tokens: fillPct * 2_000 - 100,
        cache_creation_input_tokens: 0,
        output_tokens: 100,
      },
    },
  })}\n`;
}

function compaction(): string {
  return `${JSON.stringify({
    type: 'system',
    subtype: 'compact_boundary',
    uuid: `c${++number}`,
    sessionId: 'aaaa2222-0000-4000-8000-000000000001',
    cwd: '/home/dev/shopCANARY',
    timestamp: new Date().toISOString(),
    compactMetadata: { trigger: 'auto', preTokens: 190_000, postTokens: 20_000 },
  })}\n`;
}

/** Started, and the log as it is now has been read. */
async function serve(): Promise<ChildProcess> {
  const { child } = await startServer(['--tier', '1'], { home });
  running.push(child);
  return child;
}

const types = (): string[] => receiver.received.map((each) => JSON.parse(each.body).params.type);
/** Long enough for a machine that has much else to do. */
const patience = { timeout: 60_000, interval: 50 };
const hears = (type: string): Promise<void> => expect.poll(types, patience).toContain(type);
/** What waits, and what was taken, as it is written down. */
async function box(): Promise<{ readonly waiting: number; readonly sent: number }> {
  return JSON.parse((await run(['webhook', 'list', '--json'], { home })).stdout).webhooks[0];
}
/** Time enough for what must not come. */
const silence = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2_500));

it('each alert of a session that grows is sent once, signed, with nothing of its names in it', async () => {
  config(`repeat_after_mins = 0\n[budget]\ndaily_usd = 0.04`, `secret = "${secret}"`);
  writeFileSync(log, answer(50));
  await serve();
  appendFileSync(log, answer(85));
  await hears('context_warning');
  appendFileSync(log, answer(97));
  await hears('context_crisis');
  await hears('budget_warning'); // of the three, 463,700 tokens from the cache at 0.10 USD a million and 300 at 5: 0.048
  appendFileSync(log, compaction());
  appendFileSync(log, answer(12));
  await hears('compaction_detected');
  await expect.poll(async () => (await box()).waiting, patience).toBe(0);
  await silence();
  const told = types();
  expect(told.filter((type) => type.startsWith('context') || type.startsWith('compaction_d'))).toEqual([
    'context_warning',
    'context_crisis',
    'compaction_detected',
  ]);
  expect(told.filter((type) => type === 'budget_warning')).toHaveLength(1);
  for (const { body, headers } of receiver.received) {
    expect(body + JSON.stringify(headers)).not.toMatch(/CANARY|shop|aaaa2222|\/home\//);
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({ jsonrpc: '2.0' });
  }
}, 240_000);

it('three processes, one that is killed and one started anew send nothing twice (W-50)', async () => {
  writeFileSync(log, answer(50));
  const first = await serve();
  await serve();
  await serve();
  appendFileSync(log, answer(85));
  await hears('context_warning');
  await expect.poll(async () => (await box()).waiting, patience).toBe(0); // that it was taken is written down
  first.kill('SIGKILL');
  appendFileSync(log, answer(86));
  appendFileSync(log, answer(97)); // seen by whoever takes over
  await hears('context_crisis');
  await expect.poll(async () => (await box()).waiting, patience).toBe(0);
  for (const child of running) child.kill('SIGKILL');
  appendFileSync(log, answer(98));
  await serve();
  await silence();
  expect(types().filter((type) => type.startsWith('context'))).toEqual(['context_warning', 'context_crisis']);
  expect(new Set(receiver.received.map((each) => each.headers['webhook-id'])).size).toBe(receiver.received.length);
}, 240_000);

it('a one-shot command raises and sends what it finds; a first read of old logs raises nothing', async () => {
  writeFileSync(log, answer(97, Date.now() - 60 * 60_000));
  expect(await run(['status'], { home })).toMatchObject({ code: 0 });
  expect(receiver.received).toEqual([]);
  appendFileSync(log, answer(97));
  expect(await run(['daily', '--json'], { home })).toMatchObject({ code: 0, stderr: '' });
  expect(types()).toContain('context_crisis');
  const before = receiver.received.length;
  expect(await run(['status'], { home })).toMatchObject({ code: 0 });
  expect(receiver.received).toHaveLength(before);
  const { stdout } = await run(['alerts', '--json'], { home });
  expect(JSON.parse(stdout).firing).toMatchObject([{ type: 'context_crisis', state: 'firing', times: 1 }]);
});

it('a budget that is exceeded is sent, and an edited setting counts without a restart', async () => {
  writeFileSync(log, answer(20));
  await serve();
  expect(types()).toEqual([]);
  config('daily_cost_usd = 0.0001');
  await hears('daily_cost'); // settings are looked at every five seconds, the store every thirty
}, 120_000);

it('a receiver that is down holds nothing up, and what it missed comes later', async () => {
  const { url } = receiver;
  await receiver.close();
  writeFileSync(log, answer(97));
  const began = performance.now();
  expect(await run(['status', '--json'], { home })).toMatchObject({ code: 0 });
  expect(performance.now() - began).toBeLessThan(10_000);
  const { stdout } = await run(['webhook', 'list', '--json'], { home });
  const [webhook] = JSON.parse(stdout).webhooks;
  expect(webhook).toMatchObject({ waiting: expect.any(Number), trouble: null });
  expect(webhook.waiting).toBeGreaterThan(0);
  expect(stdout).not.toContain('SECRETPATH');
  expect(url).toContain('SECRETPATH');
  receiver = await startReceiver();
});

it('webhook test sends a made-up alert, shows one without sending, and says what fails', async () => {
  writeFileSync(log, answer(20));
  const sent = await run(['webhook', 'test', '--event', 'budget_warning'], { home });
  expect(sent).toMatchObject({ code: 0, stderr: '' });
  expect(sent.stdout).toMatch(/^webhook 0: http:\/\/127\.0\.0\.1:\d+\/#[0-9a-f]{6} took it: answered 200\n$/);
  expect(types()).toEqual(['budget_warning']);
  const dry = await run(['webhook', 'test', '--dry-run'], { home });
  expect(dry.stdout).toContain('"jsonrpc":"2.0"');
  expect(receiver.received).toHaveLength(1);
  receiver.answer = { status: 500 };
  const failed = await run(['webhook', 'test'], { home });
  expect(failed).toMatchObject({ code: 1 });
  expect(failed.stdout).toContain('failed: answered 500');
  expect(await run(['webhook', 'test', '--index', '3'], { home })).toMatchObject({ code: 2 });
  expect(await run(['webhook', 'retry', 'x'], { home })).toMatchObject({ code: 2 });
});
