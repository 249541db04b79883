import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram, createSandbox, runScopeon, startScopeon } from '../helpers/run-scopeon.ts';

const windows = process.platform === 'win32';
const session = '6f6d3a52-3f0c-4c1e-9a53-0d6f6f1d0a01';
const formula = '=HYPERLINK("http://x";"y")';
const sandbox = createSandbox();
const everything = ['--since', '2026-01-01', '--timezone', 'UTC'];

beforeAll(() => {
  buildProgram();
  const project = join(sandbox.home, '.claude', 'projects', '-work-shop');
  writeLog(join(project, `${session}.jsonl`), [
    { type: 'user', timestamp: '2026-03-08T07:29:00.000Z', message: { role: 'user', content: 'CANARY' } },
    response('1', '2026-03-08T07:30:00.000Z', {
      model: 'claude-opus-4-5',
      tool: 'mcp__github__get_issue',
      reasoning: 5,
    }),
    response('2', '2026-03-10T12:00:00.000Z', {
      model: 'claude-opus-4-6',
      speed: 'fast',
      branch: formula,
      tool: 'Read',
    }),
    response('3', '2026-03-09T12:00:00.000Z', { model: 'nobody-knows-1' }),
  ]);
  const child = {
    ...response('4', '2026-03-08T08:00:00.000Z', { model: 'claude-haiku-4-5' }),
    isSidechain: true,
    agentId: 'a1',
  };
  writeLog(join(project, session, 'subagents', 'agent-a1.jsonl'), [child]);
  run();
});

afterAll(() => rmSync(sandbox.home, { recursive: true, force: true }));

interface Response {
  readonly model: string;
  readonly speed?: string;
  readonly branch?: string;
  readonly tool?: string;
  readonly reasoning?: number;
}

function response(id: string, timestamp: string, { model, speed, branch = 'main', tool, reasoning }: Response) {
  const content =
    tool === undefined
      ? [{ type: 'text', text: 'CANARY' }]
      : [{ type: 'tool_use', id: `toolu_${id}`, name: tool, input: {} }];
  const usage = {
    input_tokens: 10,
    cache_read_input_tokens: 100_000,
    cache_creation_input_tokens: 3_000,
    cache_creation: { ephemeral_5m_input_tokens: 1_000, ephemeral_1h_input_tokens: 2_000 },
    output_tokens: 200,
    service_tier: 'standard',
    ...(speed === undefined ? {} : { speed }),
    ...(reasoning === undefined ? {} : { output_tokens_details: { thinking_tokens: reasoning } }),
  };
  return {
    type: 'assistant',
    timestamp,
    gitBranch: branch,
    message: { id: `msg_${id}`, role: 'assistant', model, content, usage },
  };
}

function writeLog(path: string, rows: readonly object[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const common = { sessionId: session, cwd: '/srv/shop', version: '2.1.222' };
  writeFileSync(
    path,
    rows.map((row, index) => `${JSON.stringify({ ...common, uuid: `${path}${index}`, ...row })}\n`).join(''),
  );
}

function run(...args: readonly string[]) {
  return runScopeon(sandbox, ['export', ...args]);
}

function rows(...args: readonly string[]): Record<string, unknown>[] {
  const { stdout, stderr, status } = run(...args);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return JSON.parse(stdout);
}

describe('scopeon export', () => {
  it('gives days under the names of the original, oldest first', () => {
    const days = rows(...everything, '--model', 'opus-4-5', '--model', 'haiku', '--model', 'nobody');
    expect(Object.keys(days[0] ?? {}).slice(0, 10)).toEqual([
      'date',
      'total_input_tokens',
      'total_cache_read_tokens',
      'total_cache_write_tokens',
      'total_output_tokens',
      'total_thinking_tokens',
      'total_mcp_calls',
      'session_count',
      'turn_count',
      'estimated_cost_usd',
    ]);
    // opus-4-5: 10 x 5 + 100k x 0.5 + 1k x 6.25 + 2k x 10 + 200 x 25; haiku-4-5: a fifth of it. Millionths of a dollar.
    expect(days).toMatchObject([
      {
        date: '2026-03-08',
        total_input_tokens: 20,
        total_thinking_tokens: 5,
        total_mcp_calls: 1,
        session_count: 1,
        turn_count: 2,
        estimated_cost_usd: 0.09756,
      },
      {
        date: '2026-03-09',
        total_input_tokens: 10,
        total_thinking_tokens: null,
        turn_count: 1,
        estimated_cost_usd: null,
        unpriced_turns: 1,
      },
    ]);
  });

  it('gives the original CSV, what is unknown being empty', () => {
    const { stdout } = run(...everything, '--format', 'csv', '--model', 'opus-4-5', '--model', 'nobody');
    expect(stdout).toBe(
      'date,sessions,turns,input_tokens,cache_read_tokens,cache_write_tokens,output_tokens,thinking_tokens,mcp_calls,estimated_cost_usd\r\n' +
        '2026-03-08,1,1,10,100000,3000,200,5,1,0.0813\r\n' +
        '2026-03-09,1,1,10,100000,3000,200,,0,\r\n',
    );
  });

  it('counts days on the calendar of the zone', () => {
    // 07:30 UTC is 23:30 of the day before in Los Angeles, whose clocks change on this very day.
    const days = rows(
      '--since',
      '2026-01-01',
      '--timezone',
      'America/Los_Angeles',
      '--model',
      'opus-4-5',
      '--model',
      'haiku',
    );
    expect(days).toMatchObject([
      { date: '2026-03-07', turn_count: 1 },
      { date: '2026-03-08', turn_count: 1 },
    ]);
  });

  it('covers the last 30 days, or as many as asked for, up to the given end', () => {
    expect(rows()).toEqual([]);
    expect(rows('--days', '100000', '--level', 'turns')).toHaveLength(4);
    const ids = (...args: string[]) =>
      rows('--level', 'turns', '--timezone', 'UTC', ...args).map((turn) => String(turn.at).slice(0, 10));
    expect(ids('--days', '2', '--until', '2026-03-10')).toEqual(['2026-03-09', '2026-03-10']);
    expect(ids('--until', '2026-03-09')).toEqual(['2026-03-08', '2026-03-08', '2026-03-09']);
    expect(ids('--from', '2026-03-09', '--to', '2026-03-09')).toEqual(['2026-03-09']);
  });

  it('gives every turn by time, with its costs and without its folder', () => {
    const turns = rows(...everything, '--level', 'turns');
    expect(turns.map((turn) => turn.at)).toEqual([
      '2026-03-08T07:30:00.000Z',
      '2026-03-08T08:00:00.000Z',
      '2026-03-09T12:00:00.000Z',
      '2026-03-10T12:00:00.000Z',
    ]);
    expect(turns[0]).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      session_id: session,
      parent_id: null,
      provider: 'claude-code',
      at: '2026-03-08T07:30:00.000Z',
      model: 'claude-opus-4-5',
      speed: 'standard',
      input_tokens: 10,
      cache_read_tokens: 100_000,
      cache_write_tokens: 3_000,
      cache_write_5m_tokens: 1_000,
      cache_write_1h_tokens: 2_000,
      output_tokens: 200,
      reasoning_tokens: 5,
      total_tokens: 103_210,
      cost_usd: 0.0813,
      cost_logged_usd: null,
      cost_calculated_usd: 0.0813,
      branch: 'main',
      project: 'shop',
      is_subagent: false,
      is_compaction: false,
      tool_calls: 1,
      mcp_calls: 1,
      service_tier: 'standard',
      quality: 'measured',
      approximate: false,
      responses: 1,
    });
    expect(turns[1]).toMatchObject({ is_subagent: true, parent_id: session, session_id: `${session}-agent-a1` });
    expect(turns[2]).toMatchObject({ model: 'nobody-knows-1', cost_usd: null, reasoning_tokens: null });
    expect(turns[3]).toMatchObject({ speed: 'fast', branch: formula });
    expect(JSON.stringify(turns)).not.toContain('/work');
    expect(rows(...everything, '--level', 'turns', '--paths')[0]).toMatchObject({ project_path: '/srv/shop' });
  });

  it('gives the same turns as NDJSON and as CSV', () => {
    const turns = rows(...everything, '--level', 'turns');
    const { stdout } = run(...everything, '--level', 'turns', '--format', 'ndjson');
    expect(stdout.endsWith('\n')).toBe(true);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(turns);
    const lines = run(...everything, '--level', 'turns', '--format', 'csv').stdout.split('\r\n');
    expect(lines[0]?.split(',')).toEqual(Object.keys(turns[0] ?? {}));
    expect(lines).toHaveLength(turns.length + 2);
  });

  it('lets no spreadsheet run what a log says', () => {
    const { stdout } = run(...everything, '--level', 'turns', '--format', 'csv', '--branch', formula);
    expect(stdout).toContain(`,"'=HYPERLINK(""http://x"";""y"")",`);
    expect(rows(...everything, '--level', 'turns', '--branch', formula)).toHaveLength(1);
  });

  it('gives sessions with what their subagents did', () => {
    const [only, ...others] = rows(...everything, '--level', 'sessions', '--model', 'opus-4-5', '--model', 'haiku');
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      id: session,
      provider: 'claude-code',
      project: 'shop',
      turns: 2,
      cost_usd: 0.09756,
      subagents: 1,
      is_subagent: false,
      parent_id: null,
    });
    expect(only).not.toHaveProperty('project_path');
    const { stdout } = run(...everything, '--level', 'sessions', '--format', 'csv', '--paths');
    expect(stdout.split('\r\n')[0]).toMatch(/^id,provider,.*,project_path$/);
  });

  it('ends well where the range has nothing', () => {
    const nothing = ['--since', '2020-01-01', '--until', '2020-01-02'];
    for (const level of ['rollups', 'sessions', 'turns']) {
      expect(run(...nothing, '--level', level)).toMatchObject({ stdout: '[]\n', stderr: '', status: 0 });
      expect(run(...nothing, '--level', level, '--format', 'ndjson')).toMatchObject({
        stdout: '',
        stderr: '',
        status: 0,
      });
      expect(run(...nothing, '--level', level, '--format', 'csv').stdout).toMatch(/^[a-z0-9_,]+\r\n$/);
    }
  });

  it('says so when there is no data at all', () => {
    const empty = createSandbox();
    for (const args of [['export'], ['export', '--no-ingest']]) {
      const { stdout, stderr, status } = runScopeon(empty, args);
      expect({ stdout, status }).toEqual({ stdout: '', status: 4 });
      expect(stderr).toContain('no data yet');
    }
    expect(runScopeon(empty, ['export']).stderr).toContain(join(empty.home, '.claude'));
    rmSync(empty.home, { recursive: true, force: true });
  });

  it.each([
    [['--format', 'xml'], 'xml'],
    [['--level', 'words'], 'words'],
    [['--days', '0'], "'0'"],
    [['--days', '7d'], '7d'],
    [['--since', '2026-02-30'], '2026-02-30'],
    [['--until', 'soon'], 'soon'],
    [['--timezone', 'Mars/Base'], 'Mars/Base'],
    [['--since', '2026-03-09', '--until', '2026-03-08'], '2026-03-09'],
    [['--days', '7', '--since', '2026-03-09'], '--days 7'],
    [['--output', 'no/such/folder.json'], 'no/such/folder.json'],
  ])('refuses %j and names it', (args, named) => {
    const { stdout, stderr, status } = run(...args);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toContain(named);
  });

  it('writes a file that only its owner can read, and replaces none by itself', () => {
    const path = join(sandbox.home, 'days.json');
    expect(run(...everything, '--output', 'days.json')).toEqual({ stdout: '', stderr: '', status: 0 });
    const written = readFileSync(path, 'utf8');
    expect(written).toBe(run(...everything).stdout);
    if (!windows) expect(statSync(path).mode & 0o777).toBe(0o600);
    const again = run('--format', 'csv', '--output', 'days.json');
    expect(again).toMatchObject({ stdout: '', status: 2 });
    expect(again.stderr).toMatch(/days\.json exists.*--force/s);
    expect(readFileSync(path, 'utf8')).toBe(written);
    expect(run('--format', 'csv', '--output', 'days.json', '--force').status).toBe(0);
    expect(readFileSync(path, 'utf8')).toMatch(/^date,/);
    expect(run('--output', '-').stdout).toBe('[]\n');
    expect(readdirSync(sandbox.home).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it.skipIf(windows)('does not write through a link, not even when forced', () => {
    writeFileSync(join(sandbox.home, 'precious'), 'kept');
    symlinkSync(join(sandbox.home, 'precious'), join(sandbox.home, 'link.json'));
    expect(run('--output', 'link.json', '--force')).toMatchObject({ stdout: '', status: 2 });
    expect(readFileSync(join(sandbox.home, 'precious'), 'utf8')).toBe('kept');
  });

  it('ends in silence when nobody reads any further', async () => {
    const many = createSandbox();
    const project = join(many.home, '.claude', 'projects', '-work-shop');
    const turns = Array.from({ length: 6_000 }, (_, index) =>
      response(`many${index}`, '2026-03-08T07:30:00.000Z', { model: 'claude-opus-4-5' }),
    );
    writeLog(join(project, `${session}.jsonl`), turns);
    const child = startScopeon(many, ['export', ...everything, '--level', 'turns']);
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect({ complaint, status }).toEqual({ complaint: '', status: 0 });
    rmSync(many.home, { recursive: true, force: true });
  });
});
