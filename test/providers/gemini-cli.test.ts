import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHost } from '../../src/host.ts';
import gemini from '../../src/providers/gemini-cli.ts';
import { run } from '../helpers/bin.ts';
import { createHouse, type House } from '../helpers/house.ts';

const hash = createHash('sha256').update('/home/dev/shop').digest('hex');

describe('places', () => {
  it.each([
    ['in the home directory', { home: '/home/dev', env: {}, platform: 'linux' }, '/home/dev/.gemini/tmp'],
    [
      'where GEMINI_CLI_HOME says',
      { home: '/home/dev', env: { GEMINI_CLI_HOME: '/srv/gemini' }, platform: 'linux' },
      '/srv/gemini/.gemini/tmp',
    ],
    [
      'on Windows',
      { home: 'C:\\Users\\dev', env: { GEMINI_CLI_HOME: '' }, platform: 'win32' },
      'C:\\Users\\dev\\.gemini\\tmp',
    ],
  ] as const)('are %s', (_, facts, root) => {
    expect(gemini.roots(createHost(facts))).toEqual([root]);
  });

  it.each([
    ['a document', `${hash}/chats/session-2025-10-05T07-11-eefc44a3.json`, true],
    ['lines', 'shop/chats/session-2026-11-20T09-39-cc934ac8.jsonl', true],
    ['a subagent', 'shop/chats/2d3873be-1373-4d58-ab49-4a984d5bc907/1c7ff724-90be-4071-a9f9-d8986781b723.jsonl', true],
    ['a document that is being written', 'shop/chats/session-2026-01-10T08-59-0a1b2c3d.json.tmp-4711', false],
    ['a document nobody can read', 'shop/chats/session-2026-01-10T08-59-0a1b2c3d.json.unreadable-1768035600000', false],
    ['the prompts of a project', 'shop/logs.json', false],
    ['a saved conversation', 'shop/checkpoint-mine.json', false],
    ['a checkpoint', 'shop/checkpoints/2026-01-10T08-59-00_000Z-a.ts-replace.json', false],
    ['output of a tool', 'shop/tool-outputs/session-0a1b2c3d/1.json', false],
    ['a log of no chat', 'shop/session-2026-01-10T08-59-0a1b2c3d.jsonl', false],
    ['something deeper', 'shop/chats/a/b/c.jsonl', false],
  ])('hold logs or not: %s', (_, path, accepted) => {
    expect(gemini.accepts(path)).toBe(accepted);
  });
});

describe('logs are kept', () => {
  it.each([
    ['30 days', undefined, 30],
    ['30 days, where the settings do not say', '{"general":{}}', 30],
    ['as long as the settings say', '{"general":{"sessionRetention":{"enabled":true,"maxAge":"2w"}}}', 14],
    ['some hours', '{"general":{"sessionRetention":{"maxAge":"36h"}}}', 1.5],
    ['for good', '{"general":{"sessionRetention":{"enabled":false,"maxAge":"2w"}}}', undefined],
    ['nobody knows how long, where the settings are none', '// {', undefined],
    ['nobody knows how long, where they name no time', '{"general":{"sessionRetention":{"maxAge":"soon"}}}', undefined],
  ])('%s', (_, settings, days) => {
    const host = createHost({ home: '/home/dev', env: {}, platform: 'linux' });
    const read = (path: string) => (path === '/home/dev/.gemini/settings.json' ? settings : undefined);
    expect(gemini.keepsDays?.('/home/dev/.gemini/tmp', { ...host, read })).toBe(days);
  });
});

describe('the project', () => {
  let house: House;
  beforeEach(async () => {
    house = await createHouse();
  });
  afterEach(() => house.remove());

  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(house.home, path)), { recursive: true });
    writeFileSync(join(house.home, path), text);
  };
  const chat = (folder: string): void => {
    const header = {
      sessionId: `of-${folder}`,
      projectHash: hash,
      startTime: '2026-09-20T09:00:00.000Z',
      kind: 'main',
    };
    put(`.gemini/tmp/${folder}/chats/session-2026-09-20T09-00-00000000.jsonl`, `${JSON.stringify(header)}\n`);
  };
  const project = async (): Promise<unknown> => (await house.read()).sessions[0]?.project;

  it.each([
    ['the file in its folder', 'shop', { '.gemini/tmp/shop/.project_root': '/home/dev/shop\n' }, '/home/dev/shop'],
    [
      'the name in the register',
      'shop',
      { '.gemini/projects.json': '{"projects":{"/home/dev/a/shop":"shop"}}' },
      '/home/dev/a/shop',
    ],
    [
      'the hash in the register',
      hash,
      { '.gemini/projects.json': '{"projects":{"/home/dev/shop":"shop"}}' },
      '/home/dev/shop',
    ],
    [
      'its folder, where nothing else tells',
      'shop',
      { '.gemini/projects.json': '{"projects":{"/home/dev/x":"x"}}' },
      'shop',
    ],
    ['its folder, where the register is damaged', 'shop', { '.gemini/projects.json': '{"projects":[' }, 'shop'],
    [
      'its folder, where the register is of another form',
      'shop',
      { '.gemini/projects.json': '{"projects":[7]}' },
      'shop',
    ],
    [
      'its folder, where the file in it is too large',
      'shop',
      { '.gemini/tmp/shop/.project_root': '/x'.repeat(200_000) },
      'shop',
    ],
    ['its folder, where the file in it is empty', 'shop', { '.gemini/tmp/shop/.project_root': '\n' }, 'shop'],
  ])('is told by %s', async (_, folder, files, expected) => {
    for (const [path, text] of Object.entries(files)) put(path, text);
    chat(folder);
    expect(await project()).toBe(expected);
  });

  it('is never read through a link', async () => {
    put('secret/passwords', '/CANARY');
    put('secret/projects.json', '{"projects":{"/CANARY":"shop"}}');
    chat('shop');
    symlinkSync(join(house.home, 'secret/passwords'), join(house.home, '.gemini/tmp/shop/.project_root'));
    symlinkSync(join(house.home, 'secret/projects.json'), join(house.home, '.gemini/projects.json'));
    expect(await project()).toBe('shop');
  });

  it('is learnt when the session is told of again after the file has come', async () => {
    chat('shop');
    expect(await project()).toBe('shop');
    put('.gemini/tmp/shop/.project_root', '/home/dev/shop');
    chat('shop');
    const more = { sessionId: 'of-shop', projectHash: hash, startTime: '2026-09-20T10:00:00.000Z', kind: 'main' };
    put('.gemini/tmp/shop/chats/session-2026-09-20T10-00-00000000.jsonl', `${JSON.stringify(more)}\n`);
    expect(await project()).toBe('/home/dev/shop');
  });
});

describe('a session of 50 MB in one document', () => {
  let house: House;
  beforeEach(async () => {
    house = await createHouse();
  });
  afterEach(() => house.remove());

  it('is read within 250 MiB', async () => {
    const path = join(house.home, '.gemini/tmp/shop/chats/session-2026-09-20T09-00-00000000.json');
    const messages = writeLargeSession(path, 50_000_000);
    const tell = pathToFileURL(join(house.path, 'tell.mjs'));
    writeFileSync(tell, "process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)));");
    const { code, stdout, stderr } = await run(['models', '--json'], {
      home: house.home,
      env: { NODE_OPTIONS: `--import=${tell}` },
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).totals).toMatchObject({
      turns: messages,
      tool_calls: messages,
      input_tokens: messages * 1_000,
      cache_read_tokens: messages * 500,
      output_tokens: messages * 30,
    });
    const peakMiB = Number(stderr) / 1024;
    console.log(`50 MB in one document: at most ${Math.round(peakMiB)} MiB`);
    expect(peakMiB).toBeLessThan(250);
  });
});

/** Mostly text, as such sessions are: long answers and outputs of tools. Gives how many responses are in it. */
function writeLargeSession(path: string, sizeBytes: number): number {
  mkdirSync(dirname(path), { recursive: true });
  const text = 'CANARY "quoted" \\ and\n\tlines, é, 😀 '.repeat(400);
  const fd = openSync(path, 'w');
  let written = writeSync(fd, `{\n  "sessionId": "large",\n  "projectHash": "${hash}",\n  "messages": [`);
  let count = 0;
  while (written < sizeBytes) {
    const message = {
      id: `m${count}`,
      timestamp: new Date(Date.UTC(2026, 8, 20, 9, 0, count)).toISOString(),
      type: 'gemini',
      content: text,
      tokens: { input: 1_500, output: 10, cached: 500, thoughts: 20, tool: 0, total: 1_530 },
      model: 'gemini-2.5-pro',
      toolCalls: [
        { id: `c${count}`, name: 'read_file', args: { path: 'CANARY' }, result: [{ text }], status: 'success' },
      ],
    };
    written += writeSync(fd, `${count === 0 ? '' : ','}\n${JSON.stringify(message, null, 2)}`);
    count++;
  }
  writeSync(fd, '\n  ],\n  "startTime": "2026-09-20T09:00:00.000Z"\n}\n');
  closeSync(fd);
  return count;
}
