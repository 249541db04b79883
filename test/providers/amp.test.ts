import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHost } from '../../src/host.ts';
import amp from '../../src/providers/amp.ts';
import { openFile } from '../../src/store/driver.ts';
import { createHouse, type House } from '../helpers/house.ts';

describe('places', () => {
  it.each([
    ['by default', {}, '/home/dev/.local/share/amp/threads'],
    ['where AMP_DATA_DIR says', { AMP_DATA_DIR: '/srv/amp' }, '/srv/amp/threads'],
    ['where XDG_DATA_HOME says', { XDG_DATA_HOME: '/srv/share' }, '/srv/share/amp/threads'],
  ])('are %s', (_, env, root) => {
    expect(amp.roots(createHost({ home: '/home/dev', env, platform: 'linux' }))).toEqual([root]);
  });

  it.each([
    ['T-5f0e0000-0000-4000-8000-000000000001.json', true],
    ['T-5f0e0000-0000-4000-8000-000000000001.json.tmp', false],
    ['index.json', false],
    ['below/T-1.json', false],
  ])('hold threads or not: %s', (path, accepted) => {
    expect(amp.accepts(path)).toBe(accepted);
  });
});

describe('a thread whose calls are told in another way later', () => {
  let house: House;
  beforeEach(async () => {
    house = await createHouse();
  });
  afterEach(() => house.remove());

  const message = {
    role: 'assistant',
    messageId: 1,
    usage: { model: 'claude-sonnet-4-5', inputTokens: 10, outputTokens: 5, cacheReadInputTokens: 100 },
  };
  const event = { model: 'claude-sonnet-4-5', tokens: { input: 10, output: 5 }, toMessageId: 1 };
  const turns = async (thread: object): Promise<readonly unknown[]> => {
    const path = join(house.home, '.local/share/amp/threads/T-1.json');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify({ id: 'T-1', ...thread }));
    return (await house.read()).turns;
  };

  it.each([
    [
      'by messages, then by a ledger',
      { messages: [message] },
      { messages: [message], usageLedger: { events: [event] } },
    ],
    ['by a ledger, then by messages', { usageLedger: { events: [event] } }, { messages: [message] }],
  ])('has each of them once: %s', async (_, first, then) => {
    expect(await turns(first)).toHaveLength(1);
    expect(await turns(then)).toMatchObject([{ input: 10, output: 5, cache_read: 100 }]);
  });

  it('of more messages than any thread has is cut, and says so', async () => {
    const messages = Array.from({ length: 50_003 }, (_, messageId) => ({ role: 'assistant', messageId }));
    messages[0] = { ...message, messageId: 0 };
    messages[50_002] = { ...message, messageId: 50_002 };
    expect(await turns({ messages })).toHaveLength(1);
    const db = openFile(house.store.db, { readonly: true });
    expect(db.prepare('SELECT records, bad_value FROM source_file').all()).toEqual([{ records: 50_004, bad_value: 3 }]);
    db.close();
  });
});
