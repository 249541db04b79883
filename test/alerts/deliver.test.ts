import { createServer } from 'node:net';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDeliverer, type Deliverer } from '../../src/alerts/deliver.ts';
import type { FormatModule } from '../../src/alerts/format.ts';
import { resolveWebhook, type Webhook, type WebhookSettings } from '../../src/alerts/webhook.ts';
import { loadMembers } from '../../src/members.ts';
import { listOutbox, putOutbox, retryOutbox, webhookHealth } from '../../src/store/outbox.ts';
import { createWrittenStore, type WrittenStore } from '../helpers/written-store.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { testNow } from './world.ts';

const formats = await loadMembers<FormatModule>('alerts/formats');
const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const minute = 60_000;

let store: WrittenStore;
let receiver: Receiver;
let now: number;
let wallMinutes: number;

beforeEach(async () => {
  store = await createWrittenStore();
  receiver = await startReceiver();
  now = testNow;
  wallMinutes = 12 * 60;
});
afterEach(async () => {
  await receiver.close();
  store.remove();
});

function webhookOf(change: Partial<WebhookSettings> = {}): Webhook {
  const settings: WebhookSettings = {
    url: receiver.url,
    events: [],
    min_severity: 'info',
    projects: [],
    providers: [],
    include: [],
    allow_private: false,
    headers: {},
    ...change,
  };
  const webhook = resolveWebhook(settings, { env: { HOOK_TOKEN: 'token-value' }, read: () => undefined });
  if ('trouble' in webhook) throw new Error(webhook.trouble);
  return webhook;
}

function delivererFor(webhook: Webhook | undefined, totalMs = 2_000): Deliverer {
  return createDeliverer({
    webhooks: () => new Map(webhook === undefined ? [] : [[webhook.key, webhook]]),
    formats,
    now: () => now,
    wallMinutes: () => wallMinutes,
    random: () => 0.5,
    totalMs,
  });
}

function put(webhook: Webhook, change: Record<string, unknown> = {}): void {
  const params = {
    type: 'context_warning',
    severity: 'warning',
    message: 'The context is 82 % full.',
    id: 'uid-1',
    ts: new Date(now).toISOString(),
    state: 'firing',
    fill_pct: 82,
    ...change,
  };
  putOutbox(
    store.db,
    {
      uid: String(params.id),
      webhook: webhook.key,
      notification: JSON.stringify(params),
      severity: String(params.severity),
    },
    now,
  );
}

/** Sends what is due and writes down what became of it. */
async function deliver(deliverer: Deliverer): Promise<void> {
  deliverer.step(store.db);
  await deliverer.settle(5_000);
  deliverer.conclude(store.db);
}

const states = () =>
  listOutbox(store.db, undefined, 100).map(({ state, status, error, attempts }) => ({
    state,
    status,
    error,
    attempts,
  }));

describe('a webhook', () => {
  it('gets the alert once, signed as the standard says, with what was set', async () => {
    const webhook = webhookOf({ secret, headers: { Authorization: { env: 'HOOK_TOKEN' } } });
    put(webhook);
    const deliverer = delivererFor(webhook);
    await deliver(deliverer);
    await deliver(deliverer);
    expect(receiver.received).toHaveLength(1);
    const [request] = receiver.received;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/hook/SECRETPATH',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': 'uid-1',
        'x-scopeon-event': 'context_warning',
        authorization: 'token-value',
      },
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/scopeon/alert',
      params: {
        type: 'context_warning',
        severity: 'warning',
        message: 'The context is 82 % full.',
        id: 'uid-1',
        ts: new Date(testNow).toISOString(),
        state: 'firing',
        fill_pct: 82,
      },
    });
    // The verifier refuses a time that is not about now.
    const headers = { ...(request?.headers as Record<string, string>) };
    expect(headers['webhook-timestamp']).toBe(String(testNow / 1000));
    expect(states()).toEqual([{ state: 'sent', status: 200, error: null, attempts: 1 }]);
  });

  it('can check the signature with the standard’s own library, under either of two secrets', async () => {
    now = Date.now();
    const second = `whsec_${Buffer.from('fedcba9876543210fedcba9876543210').toString('base64')}`;
    const webhook = webhookOf({ secret: [secret, second] });
    put(webhook);
    await deliver(delivererFor(webhook));
    const [request] = receiver.received;
    const headers = request?.headers as Record<string, string>;
    for (const each of [secret, second]) expect(new Verifier(each).verify(request?.body ?? '', headers)).toBeTruthy();
    expect(() => new Verifier(secret).verify(`${request?.body} `, headers)).toThrow();
  });

  it.each([
    ['500', { status: 500 }],
    ['429', { status: 429 }],
    ['408', { status: 408 }],
  ] as const)('that answers %s is tried six times within ten minutes, then given up', async (_, answer) => {
    const webhook = webhookOf();
    receiver.answer = answer;
    put(webhook);
    const deliverer = delivererFor(webhook);
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      await deliver(deliverer);
      const [item] = listOutbox(store.db, 'waiting', 1);
      if (item !== undefined) waits.push(item.nextAt - now);
      now = item?.nextAt ?? now;
    }
    expect(waits).toEqual([15_000, 30_000, 60_000, 120_000, 240_000]);
    expect(now - testNow).toBeLessThanOrEqual(10 * minute);
    expect(receiver.received).toHaveLength(6);
    expect(new Set(receiver.received.map((each) => each.headers['webhook-id'])).size).toBe(1);
    expect(states()).toEqual([
      { state: 'dead', status: answer.status, error: `answered ${answer.status}`, attempts: 6 },
    ]);
  });

  it('is waited for as long as it asks', async () => {
    const webhook = webhookOf();
    receiver.answer = { status: 429, headers: { 'Retry-After': '120' } };
    put(webhook);
    const deliverer = delivererFor(webhook);
    await deliver(deliverer);
    expect(listOutbox(store.db, 'waiting', 1)[0]?.nextAt).toBe(now + 120_000);
    now += 119_000;
    await deliver(deliverer);
    expect(receiver.received).toHaveLength(1);
    receiver.answer = { status: 204 };
    now += 2_000;
    await deliver(deliverer);
    expect(states()).toMatchObject([{ state: 'sent', attempts: 2 }]);
  });

  it.each([
    ['302', { status: 302, headers: { Location: 'http://127.0.0.1:1/elsewhere' } }],
    ['400', { status: 400 }],
    ['404', { status: 404 }],
  ] as const)('that answers %s is not tried again, and no redirect is followed', async (_, answer) => {
    const webhook = webhookOf();
    receiver.answer = answer;
    put(webhook);
    await deliver(delivererFor(webhook));
    expect(states()).toEqual([
      { state: 'dead', status: answer.status, error: `answered ${answer.status}`, attempts: 1 },
    ]);
  });

  it('that says it is gone gets nothing more', async () => {
    const webhook = webhookOf();
    receiver.answer = { status: 410 };
    put(webhook);
    const deliverer = delivererFor(webhook);
    await deliver(deliverer);
    put(webhook, { id: 'uid-2' });
    await deliver(deliverer);
    expect(receiver.received).toHaveLength(1);
    expect(webhookHealth(store.db, webhook.key).disabled).toBe(true);
    expect(states().map((each) => each.state)).toEqual(['dead', 'dead']);
  });

  it('for which nothing is due costs no statement', async () => {
    const webhook = webhookOf();
    put(webhook);
    const deliverer = delivererFor(webhook);
    await deliver(deliverer);
    const prepare = vi.spyOn(store.db, 'prepare');
    for (let step = 0; step < 3; step++) deliverer.step(store.db);
    expect(prepare).not.toHaveBeenCalled();
    prepare.mockRestore();
    put(webhook, { id: 'uid-2' });
    await deliver(deliverer);
    expect(receiver.received).toHaveLength(2);
  });

  it('that is down is tried again, and is paused after ten failures in a row', async () => {
    const webhook = webhookOf();
    await receiver.close();
    for (let i = 0; i < 3; i++) put(webhook, { id: `uid-${i}` });
    const deliverer = delivererFor(webhook);
    for (let i = 0; i < 20 && webhookHealth(store.db, webhook.key).pausedUntil === 0; i++) {
      await deliver(deliverer);
      now += 5 * minute;
    }
    const { pausedUntil } = webhookHealth(store.db, webhook.key);
    expect(pausedUntil).toBeGreaterThan(0);
    expect(states().map((each) => each.error)).toContain('connection refused');
    receiver = await startReceiver();
  });

  it.each([
    ['never answers', 'never', 'no answer in time'],
    ['never ends its answer', 'endless', null],
  ] as const)('that %s is let go', async (_, answer, error) => {
    const webhook = webhookOf();
    receiver.answer = answer;
    put(webhook);
    const began = performance.now();
    await deliver(delivererFor(webhook, 700));
    expect(performance.now() - began).toBeLessThan(4_000);
    // An endless answer has its status: what follows is thrown away.
    expect(states()[0]).toMatchObject(error === null ? { state: 'sent' } : { state: 'waiting', error });
  });

  it('hears nothing in its quiet hours, and then all of it', async () => {
    const webhook = webhookOf({ quiet_hours: '22:00-07:00' });
    wallMinutes = 23 * 60;
    put(webhook);
    const deliverer = delivererFor(webhook);
    await deliver(deliverer);
    expect(receiver.received).toEqual([]);
    expect(listOutbox(store.db, 'waiting', 1)[0]?.nextAt).toBe(now + 8 * 60 * minute);
    now += 8 * 60 * minute;
    wallMinutes = 7 * 60;
    await deliver(deliverer);
    expect(receiver.received).toHaveLength(1);
  });

  it('that was taken out of the settings leaves a dead letter, which can be sent again', async () => {
    const webhook = webhookOf();
    put(webhook);
    await deliver(delivererFor(undefined));
    const [dead] = listOutbox(store.db, 'dead', 1);
    expect(dead).toMatchObject({ error: 'webhook not in the settings' });
    expect(retryOutbox(store.db, dead?.id ?? 0, now)).toBe(true);
    expect(retryOutbox(store.db, dead?.id ?? 0, now)).toBe(false);
    await deliver(delivererFor(webhook));
    expect(receiver.received).toHaveLength(1);
  });

  it('never has more than a hundred waiting: the oldest of the least weight goes first', async () => {
    const webhook = webhookOf();
    for (let i = 0; i < 90; i++) put(webhook, { id: `w${i}`, severity: 'warning' });
    for (let i = 0; i < 20; i++) put(webhook, { id: `i${i}`, severity: 'info' });
    const dead = listOutbox(store.db, 'dead', 100);
    expect(listOutbox(store.db, 'waiting', 200)).toHaveLength(100);
    expect(dead.map((item) => item.uid).sort()).toEqual(Array.from({ length: 10 }, (_, i) => `i${i}`).sort());
  });
});

describe('an address', () => {
  it.each([
    ['http://169.254.169.254/latest', 'address not allowed'],
    ['http://[fe80::1]/', 'address not allowed'],
    ['http://0.0.0.0:9/', 'address not allowed'],
    ['http://224.0.0.1/', 'address not allowed'],
    ['http://[::ffff:169.254.169.254]/', 'address not allowed'],
    ['http://metadata.google.internal/', 'address not allowed'],
    ['http://10.1.2.3/', 'private address: set allow_private = true'],
    ['http://192.168.1.1/', 'private address: set allow_private = true'],
    ['http://[fd12::1]/', 'private address: set allow_private = true'],
    ['http://2852039166/', 'address not allowed'], // 169.254.169.254 as a number
  ])('%s: %s, and nothing is connected to', async (url, error) => {
    const webhook = webhookOf({ url });
    put(webhook);
    await deliver(delivererFor(webhook));
    expect(states()).toEqual([{ state: 'dead', status: null, error, attempts: 1 }]);
  });

  it('of this machine by name is allowed', async () => {
    const webhook = webhookOf({ url: receiver.url.replace('127.0.0.1', 'localhost') });
    const server = createServer();
    put(webhook);
    await deliver(delivererFor(webhook));
    server.close();
    expect(['sent', 'waiting']).toContain(states()[0]?.state); // where localhost is ::1 first nobody listens
  });
});
