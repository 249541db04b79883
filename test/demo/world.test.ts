import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { continueWorld, createWorld, type World } from '../../src/demo/world.ts';

const now = Date.parse('2026-11-20T15:00:00Z');
const day = 24 * 60 * 60 * 1000;
const home = mkdtempSync(join(tmpdir(), 'scopeon-world-'));
let world: World;
let rows: readonly Row[] = [];

interface Row {
  readonly type?: string;
  readonly subtype?: string;
  readonly timestamp?: string;
  readonly isApiErrorMessage?: boolean;
  readonly message?: { readonly model?: string; readonly content?: unknown; readonly usage?: Record<string, unknown> };
}

beforeAll(() => {
  world = createWorld(home, now);
  rows = files(world.claude)
    .flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function files(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function times(): readonly number[] {
  return rows.flatMap((row) => (row.timestamp === undefined ? [] : [Date.parse(row.timestamp)]));
}

describe('the made-up logs', () => {
  it('are the same for the same moment', () => {
    const other = mkdtempSync(join(tmpdir(), 'scopeon-world-'));
    createWorld(other, now);
    const content = (root: string) => files(root).map((path) => readFileSync(path, 'utf8').replaceAll(root, 'HOME'));
    expect(content(other)).toEqual(content(home));
    rmSync(other, { recursive: true, force: true });
  });

  it('never tell more reasoning than output', () => {
    const told = rows.flatMap(({ message }) => {
      const details = message?.usage?.output_tokens_details as { readonly thinking_tokens: number } | undefined;
      return details === undefined ? [] : [[details.thinking_tokens, Number(message?.usage?.output_tokens)] as const];
    });
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter(([reasoning, output]) => reasoning > output)).toEqual([]);
  });

  it('say nothing but DEMO', () => {
    const texts = new Set<string>();
    const collect = (value: unknown, key = ''): void => {
      if (typeof value === 'string' && ['text', 'content', 'prompt', 'description', 'command'].includes(key))
        texts.add(value);
      else if (Array.isArray(value)) value.forEach((item) => collect(item, key));
      else if (typeof value === 'object' && value !== null)
        Object.entries(value).forEach(([name, item]) => collect(item, name));
    };
    rows.forEach((row) => collect(row));
    expect([...texts].filter((text) => !/^DEMO( DEMO)*( 5-hour limit reached\|\d{10})?$/.test(text))).toEqual([]);
    expect(texts).toContain('DEMO');
  });

  it('end now and go two months back', () => {
    const all = times();
    expect(Math.max(...all)).toBeLessThanOrEqual(now);
    expect(Math.max(...all)).toBeGreaterThan(now - 2 * 60_000);
    expect(Math.min(...all)).toBeLessThan(now - 56 * day);
    expect(Math.min(...all)).toBeGreaterThan(now - 61 * day);
  });

  it('have something of everything', () => {
    const text = JSON.stringify(rows);
    for (const mark of [
      '"compact_boundary"',
      '"speed":"fast"',
      'mcp__github__',
      '"name":"Skill"',
      '"demo-local-coder"',
      '"rate_limit"',
      '"hook_success"',
      '"thinking_tokens"',
    ]) {
      expect(text).toContain(mark);
    }
    const names = files(home).map((path) => path.slice(home.length).replaceAll('\\', '/'));
    expect(names.some((name) => /\/subagents\/agent-a[0-9a-f]+\.jsonl$/.test(name))).toBe(true);
    expect(names.some((name) => /\/subagents\/agent-acompact-/.test(name))).toBe(true);
    expect(readFileSync(join(home, 'code', 'storefront-search', '.git'), 'utf8')).toContain(
      join('storefront', '.git', 'worktrees'),
    );
  });

  it('have a second agent with its limits, and nothing of it lies ahead', () => {
    const paths = files(join(home, '.codex'));
    expect(paths.length).toBeGreaterThan(5);
    const lines = paths.flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'));
    const records = lines.map((line) => JSON.parse(line) as { timestamp: string; payload: Record<string, unknown> });
    expect(Math.max(...records.map((record) => Date.parse(record.timestamp)))).toBeLessThanOrEqual(now);
    const said = records.flatMap(({ payload }) =>
      [payload.message, payload.output].filter((text) => text !== undefined),
    );
    expect(said.filter((text) => !/^(DEMO( DEMO)*)?$/.test(String(text)))).toEqual([]);
    expect(lines.some((line) => line.includes('"window_minutes":10080'))).toBe(true);
  });

  it('have whole tokens that are read from the cache for the most part', () => {
    const usages = rows.flatMap((row) =>
      row.message?.usage === undefined || row.message.model?.startsWith('demo') ? [] : [row.message.usage],
    );
    const sum = (name: string) => usages.reduce((total, usage) => total + Number(usage[name] ?? 0), 0);
    for (const usage of usages) {
      for (const value of Object.values(usage))
        if (typeof value === 'number') expect(Number.isInteger(value) && value >= 0).toBe(true);
    }
    expect(sum('cache_read_input_tokens')).toBeGreaterThan(5 * sum('cache_creation_input_tokens'));
  });

  it.skipIf(process.platform === 'win32')('can be read by their owner alone', () => {
    const modes = files(home).map((path) => statSync(path).mode & 0o077);
    expect(new Set(modes)).toEqual(new Set([0]));
  });

  it('go on in a live session, with whole lines', () => {
    const later = now + 60_000;
    const size = () => files(world.claude).reduce((total, path) => total + statSync(path).size, 0);
    const before = size();
    for (let turn = 0; turn < 60; turn++) continueWorld(world, turn, later + turn * 2_500);
    expect(size()).toBeGreaterThan(before);
    for (const path of files(world.claude)) {
      const text = readFileSync(path, 'utf8');
      expect(text.endsWith('\n')).toBe(true);
      for (const line of text.trimEnd().split('\n')) JSON.parse(line);
    }
  });
});
