import { afterEach, beforeEach, expect, it } from 'vitest';
import { paletteFor } from '../../src/report/palette.ts';
import { providersSchema } from '../../src/report/provider-schema.ts';
import { buildProviders } from '../../src/report/providers.ts';
import { renderProviders } from '../../src/report/providers-page.ts';
import {
  clearQuiet,
  markQuiet,
  type ProviderFacts,
  saveProviders,
  storedProviders,
} from '../../src/store/providers.ts';
import { createWrittenStore, type WrittenStore } from '../helpers/written-store.ts';

const now = Date.parse('2026-05-20T12:00:00Z');
const hour = 3_600_000;
const level = (of: 'exact' | 'estimated' | 'unsupported') => ({ level: of, note: null });

function facts(id: string, more: Partial<ProviderFacts> = {}): ProviderFacts {
  return {
    id,
    title: id,
    enabled: true,
    roots: [{ root: `/home/dev/.${id}`, exists: true }],
    signs: [],
    unrecorded: null,
    failure: null,
    capabilities: {
      skills: level('exact'),
      hooks: level('unsupported'),
      mcp_identity: level('exact'),
      task_history: level('estimated'),
      interaction_tokens: level('estimated'),
    },
    ...more,
  };
}

let store: WrittenStore;
beforeEach(async () => {
  store = await createWrittenStore('codex');
  const turn = (key: string, session: string, at: number) =>
    ({
      kind: 'turn',
      key,
      session,
      at,
      model: 'gpt-5.4',
      usage: {
        uncachedInputTokens: 1,
        cacheReadInputTokens: 0,
        cacheCreation5mInputTokens: 0,
        cacheCreation1hInputTokens: 0,
        outputTokens: 1,
      },
      fast: false,
      webSearchRequests: 0,
      promptTokens: 1,
      contextTokens: 2,
      sidechain: false,
      rank: 'own',
      quality: 'measured',
      tools: [],
    }) as const;
  store.write('/home/dev/.codex/a', [
    turn('1', 's1', now - 30 * hour),
    turn('2', 's1', now - 29 * hour),
    turn('3', 's1-agent', now - 8 * hour),
    { kind: 'session', session: 's1-agent', parent: 's1', rank: 'own', at: now - 7 * hour },
  ]);
  store.db
    .prepare(
      'UPDATE source_file SET records = 9, invalid = 2, oversize = 1, bad_value = 4, unknown_type = 5, mtime_ms = ?',
    )
    .run(now);
  saveProviders(
    store.db,
    [
      facts('codex'),
      facts('aider', { roots: [{ root: '/home/dev/.aider', exists: false }] }),
      facts('cursor', {
        roots: [{ root: '/home/dev/.cursor/state.vscdb', exists: false }],
        signs: [
          { path: '/Applications/Cursor.app', what: 'the application', exists: true },
          { path: '/home/dev/.cursor/chats', what: 'chats', exists: false },
        ],
        unrecorded: 'Tokens are not recorded locally.',
      }),
      facts('gemini-cli', { enabled: false, failure: 'roots: TypeError at f (x.js:1:2)' }),
    ],
    now,
  );
});
afterEach(() => store.remove());

function providers({ home }: { readonly home: string | undefined } = { home: '/home/dev' }) {
  const json = buildProviders(store.db, storedProviders(store.db), { now, home });
  expect(providersSchema.parse(json)).toEqual(json);
  return new Map(json.providers.map((provider) => [provider.id, provider]));
}

it('each provider is told of with what was read', () => {
  expect([...providers().keys()]).toEqual(['aider', 'codex', 'cursor', 'gemini-cli']);
  expect(providers().get('codex')).toMatchObject({
    enabled: true,
    found: true,
    roots: [{ path: '~/.codex', exists: true }],
    files: 1,
    missing_files: 0,
    sessions: 1,
    turns: 3,
    last_turn_at: new Date(now - 8 * hour).toISOString(),
    last_event_at: new Date(now - 7 * hour).toISOString(),
    last_change_at: new Date(now).toISOString(),
    records: 9,
    skipped: { invalid: 2, oversize: 1 },
    bad_values: 4,
    unknown_types: 5,
    dark: false,
    silent_since: null,
    failure: null,
  });
  expect(providers().get('codex')?.capabilities).toContainEqual({
    capability: 'hooks',
    level: 'unsupported',
    note: 'Not recorded in its logs.',
  });
  expect(providers().get('aider')).toMatchObject({ found: false, files: 0, turns: 0, last_turn_at: null });
  expect(providers().get('gemini-cli')).toMatchObject({
    enabled: false,
    failure: expect.stringContaining('TypeError'),
  });
});

it('an agent whose logs are not there is found by what else of it is', () => {
  expect(providers().get('cursor')).toMatchObject({
    found: true,
    roots: [{ path: '~/.cursor/state.vscdb', exists: false }],
    signs: [
      { path: '/Applications/Cursor.app', what: 'the application', exists: true },
      { path: '~/.cursor/chats', what: 'chats', exists: false },
    ],
    unrecorded: 'Tokens are not recorded locally.',
  });
});

it('tells no path to whoever gives no home', () => {
  for (const provider of providers({ home: undefined }).values()) {
    expect(provider).not.toHaveProperty('roots');
    expect(provider).not.toHaveProperty('signs');
  }
  expect(JSON.stringify([...providers({ home: undefined }).values()])).not.toMatch(/\/home|Applications/);
});

it('has gone dark when its files change for longer than its pauses without a turn', () => {
  const quietFor = (ms: number): boolean | undefined => {
    clearQuiet(store.db, 'codex');
    markQuiet(store.db, 'codex', now - ms);
    return providers().get('codex')?.dark;
  };
  // Its only pause under twelve hours took one: three of them are its habit.
  expect(quietFor(3 * hour)).toBe(false);
  expect(quietFor(3 * hour + 1)).toBe(true);
  expect(providers().get('codex')?.silent_since).toBe(new Date(now - 3 * hour - 1).toISOString());
});

it('has a page that names what is amiss', () => {
  markQuiet(store.db, 'codex', now - 5 * hour);
  const page = (width: number): string =>
    renderProviders(buildProviders(store.db, storedProviders(store.db), { now, home: '/home/dev' }), {
      width,
      palette: paletteFor(false),
    });
  expect(page(120)).toContain('! codex went dark: its files have been changing for 5h 00m without a turn.');
  expect(page(120)).toContain('2 invalid, 1 too long.');
  expect(page(120)).toContain('! gemini-cli failed: roots: TypeError at f (x.js:1:2).');
  expect(page(120)).toMatch(/aider +~\/\.aider \(not there\)/);
  expect(page(120)).toMatch(/cursor +\/Applications\/Cursor\.app \(the application: not read\)/);
  expect(page(120)).toContain('Not recorded locally\n  cursor\n    Tokens are not recorded locally.');
  expect(page(120)).not.toContain('What their logs tell'); // columns tell it
  expect(page(80)).toContain('What their logs tell');
  for (const width of [24, 40, 60, 80, 160])
    expect(
      Math.max(
        ...page(width)
          .split('\n')
          .map((line) => line.length),
      ),
      `${width}`,
    ).toBeLessThanOrEqual(width);
});
