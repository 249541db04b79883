import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CatchUpResult } from '../../src/ingest/catch-up.ts';
import { describeFault } from '../../src/ingest/guard.ts';
import { loadMembers } from '../../src/members.ts';
import type { Batch, LogFile, Provider } from '../../src/provider.ts';
import { openFile } from '../../src/store/driver.ts';
import { storedProviders } from '../../src/store/providers.ts';
import { createHouse, type House } from '../helpers/house.ts';

/** A provider of whole files: each is one turn, and one with the word poison breaks it. */
function fragile(broken: Partial<Provider> = {}): Provider {
  return {
    title: 'Fragile',
    parserVersion: 1,
    capabilities: {
      skills: 'unsupported',
      hooks: 'unsupported',
      mcpIdentity: 'unsupported',
      taskHistory: 'unsupported',
      interactionTokens: 'unsupported',
    },
    roots: (host) => [join(host.home, 'fragile')],
    accepts: (path) => path.endsWith('.log'),
    *read(file) {
      const text = readFileSync(file.path, 'utf8');
      yield turnOf(file);
      if (text.includes('poison')) throw new SyntaxError(`Unexpected token in ${text}\n    at CANARY (CANARY:1:1)`);
    },
    ...broken,
  };
}

function turnOf(file: LogFile): Batch {
  return {
    events: [
      {
        kind: 'turn',
        key: file.relativePath,
        session: file.relativePath,
        at: Date.parse('2026-04-10T10:00:00Z'),
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
      },
    ],
    skipped: [],
    records: 1,
    cursor: { offset: file.sizeBytes, state: undefined },
  };
}

let house: House;
afterEach(() => house.remove());

async function build(broken: Partial<Provider>): Promise<void> {
  const members = await loadMembers<Provider>('providers');
  // Before the others by name, and so in every walk.
  house = await createHouse({ providers: new Map([['a-fragile', fragile(broken)], ...members]), keepTimes: true });
  mkdirSync(join(house.home, 'fragile'));
  writeFileSync(join(house.home, 'fragile/one.log'), 'CANARY');
  mkdirSync(join(house.home, '.claude/projects/x'), { recursive: true });
  const line = {
    type: 'assistant',
    timestamp: '2026-04-10T10:00:00.000Z',
    message: { id: 'msg_1', model: 'claude-opus-4-6', content: [], usage: { input_tokens: 3, output_tokens: 4 } },
  };
  writeFileSync(join(house.home, '.claude/projects/x/a.jsonl'), `${JSON.stringify(line)}\n`);
}

async function catchUp(): Promise<CatchUpResult> {
  const result = await house.catchUp();
  result.db?.close();
  return result;
}

function inStore<T>(sql: string): readonly T[] {
  const db = openFile(house.store.db, { readonly: true });
  try {
    return db.prepare<[], T>(sql).all();
  } finally {
    db.close();
  }
}

function turns(): readonly string[] {
  return inStore<{ provider: string }>(
    'SELECT s.provider FROM turn t JOIN session s ON s.id = t.session_id ORDER BY 1',
  ).map((row) => row.provider);
}

function fault(): string | null | undefined {
  const db = openFile(house.store.db, { readonly: true });
  try {
    return storedProviders(db).find((provider) => provider.id === 'a-fragile')?.failure;
  } finally {
    db.close();
  }
}

const breaks = (): never => {
  throw new TypeError('CANARY');
};

describe('a provider that breaks', () => {
  it.each([
    ['asked for its roots', 'roots', { roots: breaks }],
    ['asked about a name', 'accepts', { accepts: breaks }],
  ] as const)('when %s stops no other, and is told of', async (_, what, broken) => {
    await build(broken);
    expect((await catchUp()).complete).toBe(true);
    expect(turns()).toEqual(['claude-code']);
    expect(fault()).toMatch(new RegExp(`^${what}: TypeError at Object\\.breaks \\(guard\\.test\\.ts:\\d+:\\d+\\)$`));
    // Nothing is new: nothing is written.
    const before = readFileSync(house.store.db);
    await catchUp();
    expect(readFileSync(house.store.db)).toEqual(before);
  });

  it('when reading a log loses only what comes behind, and tries again when the log has changed', async () => {
    await build({});
    writeFileSync(join(house.home, 'fragile/two.log'), 'CANARY poison');
    expect((await catchUp()).complete).toBe(true);
    expect(turns()).toEqual(['a-fragile', 'a-fragile', 'claude-code']);
    const failures = (): unknown => inStore('SELECT path, failure FROM source_file WHERE failure IS NOT NULL');
    const [told] = failures() as { path: string; failure: string }[];
    expect(told?.path).toBe(join(house.home, 'fragile/two.log'));
    expect(told?.failure).toMatch(/^SyntaxError at /);
    expect(told?.failure).not.toContain('CANARY');
    expect(house.notices.join(' ')).toContain('1 file that cannot be read');
    const before = readFileSync(house.store.db);
    await catchUp();
    expect(readFileSync(house.store.db)).toEqual(before);
    writeFileSync(join(house.home, 'fragile/two.log'), 'CANARY cured!!');
    await catchUp();
    expect(failures()).toEqual([]);
  });
});

describe('what is told of a fault', () => {
  it('is a place in the program and no word of the message', () => {
    expect(describeFault(new RangeError('CANARY'))).toMatch(/^RangeError at .*guard\.test\.ts:\d+:\d+\)?$/);
    const hostile = new Error('CANARY\n    at CANARY (CANARY.ts:1:1)');
    expect(describeFault(hostile)).not.toContain('CANARY');
    hostile.name = 'CANARY: x';
    expect(describeFault(hostile)).not.toContain('CANARY');
    expect(describeFault('CANARY')).not.toContain('CANARY');
  });
});

describe('a provider whose files change without a turn', () => {
  let now: number;
  beforeEach(async () => {
    now = Date.parse('2026-10-01T12:00:00Z');
    house = await createHouse({ now: () => now, keepTimes: true });
    mkdirSync(join(house.home, '.claude/projects/x'), { recursive: true });
  });
  const log = (): string => join(house.home, '.claude/projects/x/a.jsonl');
  const quiet = (): number | null | undefined =>
    inStore<{ since: number | null }>("SELECT quiet_since AS since FROM provider WHERE id = 'claude-code'")[0]?.since;
  const note = `${JSON.stringify({ type: 'summary', summary: 'CANARY' })}\n`;
  const turn = (id: number): string =>
    `${JSON.stringify({
      type: 'assistant',
      timestamp: '2026-04-10T10:00:00.000Z',
      message: { id: `msg_${id}`, model: 'claude-opus-4-6', content: [], usage: { input_tokens: 3, output_tokens: 4 } },
    })}\n`;

  it('is known since when, until a turn comes', async () => {
    writeFileSync(log(), turn(1));
    await catchUp();
    expect(quiet()).toBe(null);
    now += 60_000;
    appendFileSync(log(), note);
    await catchUp();
    expect(quiet()).toBe(now);
    const since = now;
    now += 60_000;
    appendFileSync(log(), note);
    await catchUp();
    expect(quiet()).toBe(since);
    appendFileSync(log(), note + turn(2));
    await catchUp();
    expect(quiet()).toBe(null);
  });
});
