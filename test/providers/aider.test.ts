import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../src/provider.ts';
import aider from '../../src/providers/aider.ts';
import { createHouse, type House } from '../helpers/house.ts';

describe('places of the log', () => {
  const habit = '/home/dev/.aider/analytics.jsonl';

  it.each([
    ['analytics-log: /var/log/a.jsonl', '/var/log/a.jsonl'],
    ['analytics-log:   ~/a b.jsonl   # with a space', '/home/dev/a b.jsonl'],
    ["model: gpt\n\nanalytics-log: '~/it''s.jsonl'", "/home/dev/it's.jsonl"],
    ['analytics-log: "/var/\\u006cog#1" # quoted', '/var/log#1'],
    ['analytics-log: /first\r\nanalytics-log: /second\r\n', '/second'],
  ])('are read from the configuration: %j', (yaml, path) => {
    expect(aider.roots(host({ yaml }))).toEqual([path, habit]);
  });

  it.each([
    '',
    'analytics-log:',
    'analytics-log: ~',
    'analytics-log: null # none',
    'analytics-log: relative/a.jsonl',
    'analytics-log: [/a, /b]',
    'analytics-log: |\n  /a',
    'analytics-log: &anchor /a',
    'analytics-log: "/bad \\x41"',
    'analytics-log: "/unfinished',
    "analytics-log: '/a' /b",
    '# analytics-log: /a',
    '  analytics-log: /nested',
    'analytics-log:/a',
    `analytics-log: /a${' '.repeat(200_000)}b`,
    'no-analytics-log: /a',
  ])('are not guessed from %j', (yaml) => {
    expect(aider.roots(host({ yaml }))).toEqual([habit]);
  });

  it('begin with the variable and name each place once', () => {
    const yaml = 'analytics-log: ~/.aider/analytics.jsonl';
    expect(aider.roots(host({ yaml, log: '/logs/./a.jsonl' }))).toEqual(['/logs/a.jsonl', habit]);
  });

  it('are never a directory, of which everything would be listed', () => {
    expect(aider.roots(host({ log: '/home' }))).toEqual([habit]);
  });

  it('are found on Windows', () => {
    const yaml = 'analytics-log: C:\\logs\\a.jsonl';
    const home = 'C:\\Users\\dev';
    expect(aider.roots({ ...host({ yaml }), home, platform: 'win32' })).toEqual([
      'C:\\logs\\a.jsonl',
      'C:\\Users\\dev\\.aider\\analytics.jsonl',
    ]);
  });

  function host({ yaml, log }: { readonly yaml?: string; readonly log?: string }): Host {
    return {
      home: '/home/dev',
      env: log === undefined ? {} : { AIDER_ANALYTICS_LOG: log },
      platform: 'linux',
      list: (path) => (path === '/home' ? ['dev'] : []),
      read: (path) => (path.endsWith('.aider.conf.yml') ? yaml : undefined),
      generic: { paths: [], name: '' },
    };
  }
});

describe('a log that is read anew', () => {
  let house: House;
  let log: string;
  beforeEach(async () => {
    house = await createHouse({ env: (home) => ({ AIDER_ANALYTICS_LOG: join(home, 'elsewhere.jsonl') }) });
    log = join(house.home, '.aider', 'analytics.jsonl');
    mkdirSync(dirname(log));
  });
  afterEach(() => house.remove());

  it('counts each message once though two of them are alike', async () => {
    writeFileSync(log, lines(1, 2, 2, 3));
    expect(await counted()).toEqual([1, 2, 2, 3]);
    writeFileSync(log, lines(4)); // shorter: begun anew
    expect(await counted()).toEqual([1, 2, 2, 3, 4]);
    writeFileSync(log, lines(1, 2, 2, 3, 4, 5));
    expect(await counted()).toEqual([1, 2, 2, 3, 4, 5]);
    rmSync(log);
    writeFileSync(log, lines(2, 2, 3, 6)); // its beginning cut off
    expect(await counted()).toEqual([1, 2, 2, 3, 4, 5, 6]);
  });

  it('counts each message once when it lies in two places', async () => {
    writeFileSync(log, lines(1, 2, 2));
    copyFileSync(log, join(house.home, 'elsewhere.jsonl'));
    appendFileSync(join(house.home, 'elsewhere.jsonl'), lines(3));
    expect(await counted()).toEqual([1, 2, 2, 3]);
  });

  it('is read through a link in its place, but nothing else is', async () => {
    writeFileSync(join(house.home, 'real'), lines(1));
    symlinkSync(join(house.home, 'real'), log);
    expect(await counted()).toEqual([1]);
    appendFileSync(join(house.home, 'real'), lines(2));
    expect(await counted()).toEqual([1, 2]);
    expect(readFileSync(join(house.home, 'real'), 'utf8')).toBe(lines(1, 2));
  });

  /** Messages in the order of their numbers, which are their seconds and their tokens. */
  function lines(...numbers: readonly number[]): string {
    const texts = numbers.map((n) =>
      JSON.stringify({
        event: 'message_send',
        properties: { main_model: 'gpt-4o', prompt_tokens: 1, completion_tokens: n, cost: 0.001, total_cost: n / 1000 },
        user_id: 'CANARY',
        time: 1_775_037_600 + n,
      }),
    );
    return `${texts.join('\n')}\n`;
  }

  async function counted(): Promise<readonly number[]> {
    const { turns } = await house.read();
    return turns.map((turn) => Number(turn.output)).sort((a, b) => a - b);
  }
});
