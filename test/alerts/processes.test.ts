import type { ChildProcess } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run, start } from '../helpers/bin.ts';
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

function config(more: string): void {
  const path = join(directory, 'scopeon', 'config.toml');
  writeFileSync(path, `[alerts]\n${more}\n[[alerts.webhooks]]\nurl = "${receiver.url}"\n`, { mode: 0o600 });
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

function serve(): ChildProcess {
  const child = start(['serve', '--port', '0'], { home });
  child.stderr?.resume();
  child.stdout?.resume();
  running.push(child);
  return child;
}

const types = (): string[] => receiver.received.map((each) => JSON.parse(each.body).params.type);

it('each alert of a session that grows is sent once, with nothing of its names in it', async () => {
  writeFileSync(log, answer(50));
  serve();
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  appendFileSync(log, answer(85));
  await receiver.count(1, 15_000);
  appendFileSync(log, answer(97));
  await receiver.count(2, 15_000);
  appendFileSync(log, compaction());
  appendFileSync(log, answer(12));
  await receiver.count(3, 15_000);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect(types().filter((type) => type.startsWith('context') || type.startsWith('compaction_d'))).toEqual([
    'context_warning',
    'context_crisis',
    'compaction_detected',
  ]);
  for (const { body, headers } of receiver.received) {
    expect(body + JSON.stringify(headers)).not.toMatch(/CANARY|shop|aaaa2222|\/home\//);
  }
}, 60_000);

it('three processes and one that is killed send nothing twice (W-50)', async () => {
  writeFileSync(log, answer(50));
  const first = serve();
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  serve();
  serve();
  appendFileSync(log, answer(85));
  await receiver.count(1, 15_000);
  await new Promise((resolve) => setTimeout(resolve, 1_500)); // until that it was taken is written down
  first.kill('SIGKILL');
  appendFileSync(log, answer(86));
  await new Promise((resolve) => setTimeout(resolve, 6_000)); // another takes over
  appendFileSync(log, answer(97));
  await receiver.count(2, 30_000);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(types().filter((type) => type.startsWith('context'))).toEqual(['context_warning', 'context_crisis']);
  expect(new Set(receiver.received.map((each) => each.headers['webhook-id'])).size).toBe(receiver.received.length);
}, 90_000);

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
  serve();
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(types()).toEqual([]);
  config('daily_cost_usd = 0.0001');
  await receiver.count(1, 45_000); // settings are looked at every five seconds, the store every thirty
  expect(types()).toContain('daily_cost');
}, 60_000);

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
