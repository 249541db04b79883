import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { makeLogs, writeLogs } from '../helpers/made-logs.ts';
import { madeHome } from '../serve/server.ts';
import { connectClient } from './client.ts';

const homes: string[] = [];
afterAll(() => {
  for (const home of homes) rmSync(join(home, '..'), { recursive: true, force: true, maxRetries: 5 });
});

it('an alert comes once as a notification of its own and once as a standard message, and what is followed is told of (W-40)', async () => {
  const home = madeHome();
  homes.push(home);
  const alerts: { type: string; message: string }[] = [];
  const messages: { level: string; data: unknown }[] = [];
  const updated: string[] = [];
  const client = new Client({ name: 'test', version: '1' }, { capabilities: {} });
  client.setNotificationHandler(
    z.object({
      method: z.literal('notifications/scopeon/alert'),
      params: z.looseObject({ type: z.string(), message: z.string() }),
    }),
    ({ params }) => void alerts.push(params),
  );
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void messages.push(params));
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void updated.push(params.uri));
  await connectClient({ home, env: { SCOPEON_BUDGET_DAILY_USD: '0.0001' } }, client);
  await client.callTool({ name: 'list_sessions', arguments: {} });
  await client.subscribeResource({ uri: 'scopeon://sessions' });
  writeLogs(home, makeLogs({ starts: [Date.now() - 60_000], turnsPerSession: 6, seed: 7, stepMs: 1 }));
  await expect.poll(() => alerts.filter(({ type }) => type === 'budget_warning').length, { timeout: 30_000 }).toBe(1);
  await expect.poll(() => updated, { timeout: 10_000 }).toContain('scopeon://sessions');
  await expect
    .poll(() => messages.filter(({ data }) => (data as { type?: string }).type === 'budget_warning').length)
    .toBe(1);
  expect(alerts.find(({ type }) => type === 'budget_warning')?.message).not.toContain('CANARY');
  await client.close();
});
