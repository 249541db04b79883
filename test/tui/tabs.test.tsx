import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadMembers } from '../../src/members.ts';
import type { Tab } from '../../src/tui/tab.ts';
import { givenFor, now, type Shown, show, widest } from './show.tsx';
import { createTestStore, type TestStore } from './store.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const tabs = [...(await loadMembers<Tab>('tui/tabs')).values()].sort((a, b) => a.key.localeCompare(b.key));

let store: TestStore;
let shown: Shown | undefined;

beforeEach(async () => {
  store = await createTestStore(now);
});

afterEach(() => {
  shown?.close();
  shown = undefined;
  store.remove();
});

/** A live session with a subagent and nine days of $2 before it. */
function fill(name = 'shop'): number {
  const shop = store.addSession({ id: 's1', project: `/home/me/${name}`, branch: name, contextTokens: 170_000 });
  for (let at = 1; at <= 9; at++) store.addTurn(shop, { at: now - at * day, costUsd: 2 });
  for (let at = 20; at > 0; at--)
    store.addTurn(shop, { at: now - at * minute, costUsd: 0.1, read: 170_000 - at * 1_000, tools: ['Bash', name] });
  const child = store.addSession({ id: 'c1', project: `/home/me/${name}`, parent: shop, agentType: name });
  store.addTurn(child, { at: now - minute, costUsd: 0.05 });
  return shop;
}

function addProvider(quietSince: number | null = null): void {
  const fact = { level: 'exact', note: null };
  const capabilities = { skills: fact, hooks: fact, mcp_identity: fact, task_history: fact, interaction_tokens: fact };
  store.writer
    .prepare(
      'INSERT INTO provider (id, title, enabled, capabilities, roots, failure, quiet_since, seen_at) VALUES (?, ?, 1, ?, ?, NULL, ?, ?)',
    )
    .run(
      'claude-code',
      'Claude Code',
      JSON.stringify(capabilities),
      JSON.stringify([{ root: '/home/me/.claude/projects', exists: true }]),
      quietSince,
      now,
    );
}

async function open(key: string, options: Parameters<typeof show>[1] = {}): Promise<Shown> {
  shown = await show(store, { size: [120, 40], tabs, ...options });
  await shown.press(key);
  return shown;
}

test('seven tabs stand in the order of their digits', async () => {
  fill();
  shown = await show(store, { tabs, size: [100, 24] });
  expect(shown.lines()[1]?.trim()).toBe(
    '1 Dashboard  2 Sessions  3 Config  4 Insights  5 Budget  6 Providers  7 Agents',
  );
});

test('where the tab bar is short of room, tabs that are not open are told by letters, then by digits', async () => {
  fill();
  shown = await show(store, { tabs, size: [60, 20] });
  expect(shown.lines()[1]?.trim()).toBe('1 Dashboard  2 Sess  3 Conf  4 Insi  5 Budg  6 Prov  7 Agen');
  await shown.resize(40, 20);
  expect(shown.lines()[1]?.trim()).toBe('1 Dashboard  2  3  4  5  6  7');
  await shown.press('4');
  expect(shown.lines()[1]?.trim()).toBe('1  2  3  4 Insights  5  6  7');
  await shown.resize(24, 8);
  await shown.press('6');
  expect(shown.lines()[1]?.trim()).toBe('1 2 3 4 5 6 Providers 7');
  await shown.press('\u001b[<0;24;2M');
  expect(shown.lines()[1]?.trim()).toBe('1 2 3 4 5 6 7 Agents');
});

test('where the footer is short of room, the first hints of the tab, help and quit stay', async () => {
  fill();
  shown = await show(store, { tabs, size: [60, 20] });
  await shown.press('2');
  expect(shown.lines().at(-1)).toMatch(/^ ↑↓ move {3}Enter open {3}\? help {3}q quit +newest · 1\/1$/);
  await shown.resize(36, 20);
  expect(shown.lines().at(-1)).toMatch(/^ \? help {3}q quit +newest · 1\/1$/);
});

const sizes = [
  [60, 20],
  [80, 24],
  [120, 40],
  [200, 60],
  [24, 5],
] as const;

describe.each(tabs.map((tab) => [tab.title, tab] as const))('%s', (_, tab) => {
  test.each(sizes)('fills %i × %i exactly, whatever names the logs have', async (columns, rows) => {
    fill('\u001b[2J日本\u202e語\n👩‍👩‍👧‍👦');
    const shown = await open(tab.key, { size: [columns, rows] });
    expect(shown.lines()).toHaveLength(rows);
    expect(widest(shown.lines())).toBeLessThanOrEqual(columns);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(shown.raw()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b]/);
  });

  test('stands on an empty store in every size', async () => {
    const shown = await open(tab.key, { size: [80, 24] });
    expect(shown.text()).toContain('No agent logs yet');
    for (const [columns, rows] of sizes) {
      await shown.resize(columns, rows);
      expect(shown.lines()).toHaveLength(rows);
      expect(widest(shown.lines())).toBeLessThanOrEqual(columns);
    }
  });

  test('names each of its keys in help, and gives none two meanings', async () => {
    fill();
    const shown = await open(tab.key, { size: [120, 60] });
    await shown.press('?');
    for (const binding of tab.keys ?? []) expect(shown.text()).toContain(binding.help);
    const keys = (tab.keys ?? []).flatMap((binding) => binding.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('the dashboard', () => {
  test('tells how full the live context is and how long it lasts', async () => {
    fill();
    const shown = await open('1');
    expect(shown.text()).toMatch(/shop shop +● live │/);
    expect(shown.text()).toMatch(/Context +85% │/);
    expect(shown.text()).toMatch(/170K of 200K · about 30 turns left +│/);
  });

  test('puts today against limits and the usual day', async () => {
    fill();
    const budget = { daily_usd: 4, weekly_usd: 0, monthly_usd: 0, providers: {}, projects: {} };
    const shown = await open('1', { known: { budget } });
    expect(shown.text()).toMatch(/Habit +1\.0× a usual day of \$2\.00\n/);
    expect(shown.text()).toMatch(/Today +━+─+ +51% {2}\$2\.05 of \$4\.00/);
  });

  test('has tokens by period, the running block with its rate, and the year as a map', async () => {
    fill();
    const shown = await open('1');
    expect(shown.text()).toMatch(/Tokens +Total +Input +Read +Write +Output +Hit/);
    expect(shown.text()).toMatch(/Week +3\.2M +250 /);
    expect(shown.text()).toMatch(/Five-hour block +ends in 4h 00m/);
    expect(shown.text()).toMatch(/Cost +\$2\.05 · 3\.2M tokens · \$6\.47 an hour/);
    expect(shown.text()).toMatch(/Year +less · ░ ▒ ▓ █ more +most \$2\.05 on 2026-04-10 · 10 days with use/);
    expect(shown.text()).toMatch(/\n Fri {2}(· ){51}[░▒▓] █ *\n/);
    expect(shown.text()).toMatch(/Cost per turn +\$0\.67 +Tokens per minute/); // as the settings name them
  });

  test('shows windows of plans with their pace, and warns of one that does not last', async () => {
    fill();
    const report = store.writer.prepare(
      `INSERT INTO limit_snapshot (key, provider, window, window_minutes, used_pct, resets_at, reached, at)
       VALUES (randomblob(8), 'codex', ?, ?, ?, ?, 0, ?)`,
    );
    report.run('five_hour', 300, 80, now + 180 * minute, now);
    report.run('weekly', 10_080, 20, now + 5 * day, now);
    const shown = await open('1');
    expect(shown.text()).toMatch(/━+─+ +80% {2}resets in 3h 00m/);
    expect(shown.text()).toMatch(/━+─+ +20% {2}resets in 5d 0h/);
    expect(shown.text()).toMatch(/! .*: used up in 30m, before it resets \(40\.0 %\/h\)/);
  });

  test('has advice beside the rest where there is room for three columns', async () => {
    fill();
    const shown = await open('1', { size: [200, 60] });
    expect(shown.lines()[3]).toMatch(/shop shop +● live │ Cost .* │ What to change +\d/);
    expect(widest(shown.lines())).toBeLessThanOrEqual(200);
  });

  test('is a few lines without a frame where the terminal is small', async () => {
    fill();
    const shown = await open('1', { size: [24, 5] });
    expect(shown.lines().map((text) => text.trimEnd())).toEqual([
      expect.stringMatching(/^ \$2\.05 today +● 1$/),
      expect.stringMatching(/^ shop +opus-4-5$/),
      expect.stringMatching(/^ Context ━+─+ +85%$/),
      expect.stringMatching(/^ Block +━+─+ +20%$/),
      expect.stringMatching(/^ 7 days +[▁-█]+$/),
    ]);
    await shown.press('2');
    expect(shown.lines()[1]).toMatch(/2 Sessions/); // other tabs keep the frame
    await shown.press('1');
    await shown.resize(40, 11);
    expect(shown.lines()[0]).toMatch(/today \$2\.05/);
    expect(shown.text()).not.toContain('$2.05 today'); // not twice
    expect(shown.lines().at(-1)).toContain('q quit');
  });

  test('warns of models without a price and of agents that went dark', async () => {
    fill();
    addProvider(now - 3 * day);
    store.writer
      .prepare(
        `INSERT INTO source_file (provider, path, dev, ino, fp, fp_len, offset, tail_hash, size, mtime_ms, generation, parser_version, first_mtime_ms, last_read_at)
         VALUES ('claude-code', '/x', 1, 1, x'00', 0, 0, x'00', 0, ?, 0, 1, 0, ?)`,
      )
      .run(now, now);
    const lab = store.addSession({ id: 's3', model: 'local-model' });
    store.addTurn(lab, { at: now - 40 * minute });
    const shown = await open('1');
    expect(shown.text()).toContain('No price for local-model');
    expect(shown.text()).toContain('! Claude Code went dark');
  });

  test('shows the last session without alarm once none is live', async () => {
    const shop = store.addSession({ id: 's1', contextTokens: 190_000 });
    store.addTurn(shop, { at: now - 5 * 60 * minute, costUsd: 1 });
    const shown = await open('1', { colour: true });
    expect(shown.text()).toMatch(/shop main +idle 5h/);
    expect(shown.text()).toMatch(/Context +95%/);
    expect(shown.raw()).toContain('\u001b[2m95%');
  });
});

describe('insights', () => {
  test('show health with its parts, and advice beside the findings', async () => {
    fill();
    const shown = await open('4');
    expect(shown.text()).toMatch(/Health \d+ of 100 · /);
    for (const part of ['Cache', 'Context', 'Cost', 'Waste']) expect(shown.text()).toMatch(new RegExp(`${part} +━`));
    expect(shown.lines()[3]).toMatch(/│ What to change/);
  });

  test('show how the days go, what counts as unusual, and every figure that is known', async () => {
    fill();
    const shown = await open('4', { size: [120, 60] });
    expect(shown.text()).toMatch(/Trend +a day of the last 7, against the 7 before/);
    expect(shown.text()).toMatch(/Cost +[▁-▇]{15} +\$2\.00 +▲ 250% +│/); // two of the seven before had cost
    expect(shown.text()).toMatch(/Thresholds +from 9 days of yours/);
    expect(shown.text()).toMatch(/Much reasoning +from 60% of the output/);
    expect(shown.text()).toMatch(/Figures +of the live session/);
    expect(shown.text()).toMatch(/Cost per turn +\$0\.67 /);
    shown.close();
    const picked = await open('4', { known: { metrics: { live: [], insights: ['session_depth', 'nonsense'] } } });
    expect(picked.text()).toMatch(/Figures[^\n]*\n Turns +29 *\n/);
    expect(picked.text()).not.toContain('Cost per turn');
  });
});

describe('the budget', () => {
  test('has limits, the way ahead, thirty days and where the money went', async () => {
    fill();
    const budget = { daily_usd: 1, weekly_usd: 50, monthly_usd: 100, providers: {}, projects: {} };
    const shown = await open('5', { known: { budget } });
    expect(shown.text()).toMatch(/Today +━+ +205% +\$2\.05 of +\$1\.00/);
    expect(shown.text()).toMatch(/Month +━+─+ +20% {2}\$20\.05 of \$100\.00/);
    expect(shown.text()).toMatch(/Last 28 days +highest \$2\.05 · sum \$20\.05/);
    expect(shown.text()).toMatch(/Burning +\$6\.47 an hour · /);
    expect(shown.text()).toMatch(/This month by source[^\n]*\n.*claude-code +\$20\.05 100% {2}━/);
    expect(shown.text()).toMatch(/ {2}opus-4-5 +\$20\.05 100% {2}━/);
    expect(shown.text()).toMatch(/shop +\$20\.05 100%/);
  });

  test('shares the month among tags where sessions have any', async () => {
    const shop = fill();
    expect((await open('5')).text()).not.toContain('by tag');
    shown?.close();
    store.writer.prepare("INSERT INTO tag (session_id, tag, source) VALUES (?, 'refactoring', 'manual')").run(shop);
    expect((await open('5')).text()).toMatch(/This month by tag[^\n]*\n.*refactoring +\$20\.05 100%/);
  });

  test('says how to set a limit where there is none', async () => {
    fill();
    expect((await open('5')).text()).toContain('No limit is set.');
  });
});

test('providers are those of `scopeon providers`', async () => {
  fill();
  addProvider();
  const shown = await open('6');
  expect(shown.text()).toMatch(/claude-code +\d+ +1 +30 +1m ago/);
  expect(shown.text()).toContain('~/.claude/projects');
  await shown.resize(60, 30); // too narrow for columns of what the logs tell
  expect(shown.text()).toMatch(/What their logs tell\s+claude-code\s+✓ skills, hooks, MCP servers, tasks/);
  expect(shown.text()).toContain('– not recorded locally');
});

describe('agents', () => {
  test('are a tree with tokens and cost, tools below it', async () => {
    const shop = fill();
    const [child] = store.writer.prepare("SELECT id FROM session WHERE sid = 'c1'").pluck().all() as number[];
    const below = store.addSession({ id: 'c2', parent: child ?? 0, agentType: 'Explore' });
    store.writer.prepare('UPDATE session SET top_id = ? WHERE id = ?').run(shop, below);
    store.addTurn(below, { at: now - 2 * minute, costUsd: 0.25, tools: ['Grep', 'Grep'] });
    const shown = await open('7');
    expect(shown.text()).toMatch(/shop +opus-4-5 +3\.2M +42 +31 +\$20\.30/);
    expect(shown.text()).toMatch(/└ shop +opus-4-5 · 1m +2\.2K +2 +\$0\.30/);
    expect(shown.text()).toMatch(/ {2}└ Explore +opus-4-5 · 2m +1\.1K +1 +\$0\.25/);
    expect(shown.text()).toMatch(/Bash +~50 +20 +~\$1\.00/); // half of each turn of ten cents
    expect(shown.text()).toMatch(/Grep +~5 +2 +~\$0\.25/);
  });

  test('of older sessions are stepped to, and stay when new turns come', async () => {
    const shop = fill();
    const old = store.addSession({ id: 's2', project: '/home/me/old' });
    store.addTurn(old, { at: now - 2 * day, costUsd: 1, tools: ['Grep'] });
    const shown = await open('7');
    await shown.press(']');
    expect(shown.text()).toMatch(/Grep +~3 +1 /);
    expect(shown.lines().at(-1)).toContain('2/2');
    store.addTurn(shop, { at: now, costUsd: 1 });
    await shown.look();
    expect(shown.text()).toMatch(/Grep +~3 +1 /);
    await shown.press('[');
    expect(shown.text()).toMatch(/Bash +~50 +20/);
  });
});

test('the sessions have trends, which t brings and takes away', async () => {
  fill();
  const shown = await open('2');
  await shown.press('t');
  expect(shown.text()).toMatch(/Trends +the last 14 days/);
  expect(shown.text()).toMatch(/today +\$2\.05 ━+ +1 ━+ +99\.9% ━+/);
  expect(shown.text()).toMatch(/Thu 04-09 +\$2\.00 ━+/);
  expect(shown.text()).toMatch(/Sat 03-28 +\$0\.00 +0 +–/);
  expect(shown.lines().at(-1)).toContain('t sessions');
  await shown.press('j', 't');
  expect(shown.lines()[4]).toMatch(/^▌● shop/);
  expect(shown.lines().at(-1)).toContain('t trends');
  await shown.press('t', '\u001b');
  expect(shown.lines()[4]).toMatch(/^▌● shop/);
});

test('config shows every value with its source, and what is to mend', async () => {
  fill();
  const settings = {
    file: '/home/me/.scopeon/config.toml',
    lines: [
      { name: 'budget.daily_usd', value: '5', source: 'env' as const },
      { name: 'storage.retain_days', value: '', source: 'default' as const },
    ],
    warnings: ['config.toml line 4: budget.weekly_usd must be an amount'],
  };
  const shown = await open('3', { given: givenFor({ settings }) });
  expect(shown.text()).toContain('~/.scopeon/config.toml');
  expect(shown.text()).toMatch(/budget\.daily_usd +5 +environment/);
  expect(shown.text()).toMatch(/storage\.retain_days +not set +default/);
  expect(shown.text()).toContain('! config.toml line 4: budget.weekly_usd');
  await shown.edit({ shown: { file: settings.file, warnings: [], lines: [{ ...long, source: 'file' }] } });
  expect(shown.text()).not.toMatch(/budget\.daily_usd +5/);
  for (const columns of [200, 80, 60]) {
    await shown.resize(columns, 24);
    for (const word of long.value.split(' ')) expect(shown.text()).toContain(word); // none is cut
  }
});

const long = {
  name: 'dashboard.live_metrics',
  value: 'cache_hit_rate, cost_per_turn, context_efficiency, token_velocity',
};

test('config steps through agents and their presets, and writes none without a yes', async () => {
  fill();
  const written: string[] = [];
  const applyPreset = async (agent: string, preset: string) => {
    written.push(`${agent} ${preset}`);
    if (agent === 'codex') throw new Error('codex is read-only');
    return [`~/launchers/${agent}-${preset}`];
  };
  const shown = await open('3', { given: givenFor({ applyPreset }) });
  expect(shown.text()).toMatch(/▌✓ Claude Code +no preset/);
  expect(shown.text()).toMatch(/▌ {2}Most savings /);
  expect(shown.text()).toContain('claude --model');
  expect(shown.text()).toContain('~/.scopeon/launchers/claude-code-most-savings');
  await shown.press('}');
  expect(shown.text()).toMatch(/▌ {2}Balanced /);
  expect(shown.text()).toContain('~/.scopeon/launchers/claude-code-balanced');
  await shown.press('\r');
  expect(shown.text()).toContain('? Balanced for Claude Code: write 1 file?');
  await shown.press('n', 'y');
  expect(written).toEqual([]);
  await shown.press('\r', 'y');
  expect(written).toEqual(['claude-code balanced']);
  expect(shown.text()).toContain('✓ ~/launchers/claude-code-balanced');
  await shown.press(']');
  expect(shown.text()).toMatch(/▌– Codex CLI +no preset/);
  expect(shown.text()).toMatch(/~\/\.codex\/\S*balanced/);
  await shown.press('\ry');
  expect(shown.text()).toContain('! codex is read-only');
  await shown.press('[', '[', '{');
  expect(shown.text()).toMatch(/▌– Gemini CLI/);
  expect(shown.text()).toMatch(/▌ {2}Most savings /);
});

test('providers end with the limits that agents reported', async () => {
  fill();
  addProvider();
  expect((await open('6')).text()).not.toContain('Limits');
  shown?.close();
  store.writer
    .prepare(
      `INSERT INTO limit_snapshot (key, provider, window, window_minutes, used_pct, resets_at, reached, at)
       VALUES (x'01', 'codex', 'primary', 300, 40, ?, 0, ?)`,
    )
    .run(now + 60 * minute, now);
  expect((await open('6')).text()).toMatch(/Limits.*codex +\S.*40%/s);
});

test('a page longer than its place scrolls, and says where it is', async () => {
  fill();
  const shown = await open('4', { size: [60, 14] });
  expect(shown.lines().at(-1)).toMatch(/1–10 of \d+/);
  const [first] = shown.lines().slice(3);
  await shown.press('j');
  expect(shown.lines()[3]).not.toBe(first);
  await shown.press('G');
  expect(shown.lines().at(-1)).toMatch(/(\d+) of \1/);
  await shown.press('g');
  expect(shown.lines()[3]).toBe(first);
});
