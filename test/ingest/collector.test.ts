import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Collector, startCollector } from '../../src/ingest/collector.ts';
import type { CollectorState } from '../../src/ingest/collector-loop.ts';
import { openFile } from '../../src/sqlite.ts';
import { openReader } from '../../src/store/open.ts';
import { buildProgram } from '../helpers/run-scopeon.ts';

let home: string;
let running: Collector[] = [];
let notices: string[] = [];

beforeAll(buildProgram);
beforeEach(() => {
  home = mkdtempSync(join(realpathSync(tmpdir()), 'scopeon-collector-'));
});
afterEach(async () => {
  await Promise.all(running.map((collector) => collector.stop()));
  running = [];
  notices = [];
  rmSync(home, { recursive: true, force: true });
});

test('a line is in the store within two seconds of being written, also in a folder made later', async () => {
  start();
  const project = join(home, 'agent', 'projects', '-srv-app');
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'a.jsonl'), line('1'));
  await until(() => turns() === 1, 20_000); // the root itself was made late
  appendFileSync(join(project, 'a.jsonl'), line('2'));
  await until(() => turns() === 2, 20_000);
  mkdirSync(join(project, 'deep', 'subagents'), { recursive: true });
  writeFileSync(join(project, 'deep', 'subagents', 'agent-x.jsonl'), line('3'));
  await until(() => turns() === 3, 20_000);
});

test('an unfinished last line is taken when its file has been still', async () => {
  const project = join(home, 'agent', 'projects', '-srv-app');
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'a.jsonl'), line('1') + line('2').trimEnd());
  start();
  await until(() => turns() === 2, 20_000);
  appendFileSync(join(project, 'a.jsonl'), `\n${line('3')}`);
  await until(() => turns() === 3, 20_000);
});

test('a root that is a single file is followed, whatever its name', async () => {
  const log = join(home, 'notes', 'aider log');
  start({ AIDER_ANALYTICS_LOG: log });
  mkdirSync(join(home, 'notes'));
  writeFileSync(log, message(1));
  await until(() => turns() === 1, 20_000); // made late
  appendFileSync(log, message(2));
  await until(() => turns() === 2, 20_000);
  writeFileSync(`${log}.new`, message(1) + message(2) + message(3));
  renameSync(`${log}.new`, log);
  await until(() => turns() === 3, 20_000);
  writeFileSync(join(home, 'notes', 'other'), message(4));
  appendFileSync(log, message(5));
  await until(() => turns() === 4, 20_000);
});

test('a log that its agent’s own settings name later is found', async () => {
  const collector = start();
  await until(() => collector.state.phase === 'watching', 20_000);
  const log = join(home, 'usage of aider');
  writeFileSync(log, message(1));
  writeFileSync(join(home, '.aider.conf.yml'), `analytics-log: ${log}\n`);
  await until(() => turns() === 1, 20_000);
});

test('a database is followed while all that is new stands in the log beside it, and may be made late', async () => {
  start();
  const data = join(home, '.local', 'share', 'opencode');
  mkdirSync(data, { recursive: true });
  const owner = openFile(join(data, 'opencode.db'));
  owner.pragma('journal_mode = WAL');
  owner.exec('CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_updated INTEGER, data TEXT)');
  const insert = owner.prepare('INSERT INTO message VALUES (?, ?, ?, ?)');
  const say = (id: string): void => {
    const data = { role: 'assistant', modelID: 'm', tokens: { input: 5, output: 1 }, time: { created: Date.now() } };
    insert.run(id, 's', Date.now(), JSON.stringify(data));
  };
  say('1');
  await until(() => turns() === 1, 20_000);
  const main = readFileSync(join(data, 'opencode.db'));
  say('2');
  expect(readFileSync(join(data, 'opencode.db'))).toEqual(main);
  await until(() => turns() === 2, 20_000);
  owner.close();
  await until(() => !existsSync(join(home, 'store', 'copies')), 20_000);
});

test('it says when something new was read, and then it is in the store', async () => {
  const project = join(home, 'agent', 'projects', '-srv-app');
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'a.jsonl'), line('1'));
  const collector = start();
  await until(() => collector.state.phase === 'watching', 20_000);
  const told: number[] = [];
  const stop = collector.onNews(() => void told.push(turns()));
  appendFileSync(join(project, 'a.jsonl'), line('2'));
  await until(() => told.includes(2), 20_000);
  stop();
  const before = told.length;
  appendFileSync(join(project, 'a.jsonl'), line('3'));
  await until(() => turns() === 3, 20_000);
  await collector.stop();
  expect(told).toHaveLength(before);
});

test('it tells that a database was damaged and is rebuilt', async () => {
  const project = join(home, 'agent', 'projects', '-srv-app');
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'a.jsonl'), line('1'));
  mkdirSync(join(home, 'store', 'backups', 'damaged-20260520T101500Z'), { recursive: true });
  writeFileSync(join(home, 'store', 'scopeon.db'), 'no database');
  start();
  await until(() => notices.some((sentence) => sentence.startsWith('Rebuilt from')), 20_000);
  expect(notices).toEqual([
    expect.stringMatching(/^The database was damaged \(not a database\)\. It was kept in /),
    'Rebuilt from the logs: 1 turns.',
  ]);
});

test('it gives the lease back when it is stopped', async () => {
  const project = join(home, 'agent', 'projects', '-srv-app');
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'a.jsonl'), line('1'));
  const collector = start();
  await until(() => collector.state.phase === 'watching', 20_000);
  await collector.stop();
  expect(collector.state satisfies CollectorState).toMatchObject({ phase: 'watching' });
  const db = openReader(paths());
  expect(db?.prepare('SELECT COUNT(*) AS n FROM lease').get()).toEqual({ n: 0 });
  db?.close();
});

function start(more: Readonly<Record<string, string>> = {}): Collector {
  const env = { CLAUDE_CONFIG_DIR: join(home, 'agent'), ...more };
  const generic = { paths: [], name: 'Custom OpenAI' };
  const options = { paths: paths(), enabled: [], overrides: {}, command: 'test', env, home, generic };
  const collector = startCollector(options, (sentence) => notices.push(sentence));
  running.push(collector);
  return collector;
}

function paths() {
  return {
    db: join(home, 'store', 'scopeon.db'),
    backups: join(home, 'store', 'backups'),
    hmacKey: join(home, 'store', 'hmac.key'),
  };
}

function turns(): number {
  const db = openReader(paths());
  if (db === undefined) return -1;
  const row = db.prepare<[], { n: number }>('SELECT COUNT(*) AS n FROM turn').get();
  db.close();
  return row?.n ?? -1;
}

async function until(holds: () => boolean, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms; turns: ${turns()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function line(id: string): string {
  return `${JSON.stringify({
    type: 'assistant',
    uuid: `row-${id}`,
    timestamp: new Date().toISOString(),
    cwd: '/srv/app',
    message: {
      id: `msg_${id}`,
      model: 'claude-opus-4-5',
      role: 'assistant',
      content: [],
      usage: { input_tokens: 1, output_tokens: 2 },
    },
  })}\n`;
}

/** A message of Aider's. */
function message(n: number): string {
  const properties = { main_model: 'gpt-4o', prompt_tokens: n, completion_tokens: 1, cost: 0, total_cost: 0 };
  return `${JSON.stringify({ event: 'message_send', properties, time: Math.floor(Date.now() / 60_000) * 60 + n })}\n`;
}
