import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { showOnDesktop } from '../../src/alerts/desktop.ts';
import type { AlertParams } from '../../src/alerts/payload.ts';
import { startBell } from '../../src/bell.ts';
import { createAlertTable } from '../../src/store/alerts.ts';
import { openReader } from '../../src/store/open.ts';
import { snoozeAlerts } from '../../src/store/snoozes.ts';
import { run } from '../helpers/bin.ts';
import { until } from '../helpers/collector.ts';
import { createWrittenStore } from '../helpers/written-store.ts';

// Many processes: on a machine that has much else to do they take their time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let directory: string;
let programs: string;
let told: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'scopeon-desktop-'));
  programs = join(directory, 'programs');
  told = join(directory, 'told');
  mkdirSync(programs);
});
afterEach(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));

/** A program that writes down what it was given, each argument ended by NUL, and then says it went so. */
function program(name: string, code = 0): void {
  const path = join(programs, name);
  const variables = '"$SCOPEON_ALERT_TITLE" "$SCOPEON_ALERT_TEXT"';
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\0' "$@" ${variables} >> '${told}'\nexit ${code}\n`);
  chmodSync(path, 0o755);
}
const given = (): readonly string[] => readFileSync(told, 'utf8').split('\0').slice(0, -1);

const hostile = `--help "'; touch ${'x'.repeat(5)} $(touch y) \`touch z\` <b>bold</b> & \\ %s\n\u001b]0;title\u0007 \u202e`;
const alert: AlertParams = {
  type: 'context_warning',
  severity: 'warning',
  message: hostile,
  id: 'u1',
  ts: '2026-05-04T10:00:00Z',
  state: 'firing',
  project: 'CANARY',
  host: 'CANARY',
};

describe.skipIf(process.platform === 'win32')('an alert on the desktop', () => {
  it.each([
    ['linux', 'notify-send', 5],
    ['darwin', 'osascript', 8],
    ['win32', 'powershell.exe', 4],
  ] as const)('of %s is shown by %s, with hostile text as text and no names', async (platform, name, parts) => {
    program(name);
    const desktop = { env: { PATH: programs }, platform };
    expect(await showOnDesktop(alert, desktop)).toEqual({ by: join(programs, name) });
    const all = given();
    const args = all.slice(0, -2);
    expect(args).toHaveLength(parts);
    const text = platform === 'win32' ? (all.at(-1) ?? '') : (args.at(-1) ?? '');
    const before = args.slice(0, platform === 'win32' ? parts : -1).join(' ');
    expect(before).not.toMatch(/touch|bold/);
    expect(text).toContain('touch xxxxx $(touch y) `touch z`');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
    expect(text).not.toMatch(/[\u0000-\u001f\u007f\u202e]/);
    expect(all.join('\0')).not.toContain('CANARY');
    if (platform === 'linux') expect(text).toContain('&lt;b&gt;bold&lt;/b&gt; &amp;');
    if (platform === 'linux')
      expect(args.slice(0, 4)).toEqual(['--app-name=scopeon', '--urgency=normal', '--', 'scopeon']);
  });

  it('says why it was not shown', async () => {
    const show = (path: string) => showOnDesktop(alert, { env: { PATH: path }, platform: 'linux' });
    expect(await show(programs)).toEqual({ trouble: 'there is no notify-send on the PATH' });
    program('notify-send', 3);
    expect(await show(programs)).toEqual({ trouble: `${join(programs, 'notify-send')} ended with 3` });
    writeFileSync(join(programs, 'notify-send'), '#!/nowhere/at/all\n');
    expect(await show(programs)).toMatchObject({ trouble: expect.stringContaining('cannot be started') });
  });

  it('is never shown by what lies in the current directory', async () => {
    program('notify-send');
    const before = process.cwd();
    process.chdir(programs);
    try {
      expect(await showOnDesktop(alert, { env: { PATH: ':.:./' }, platform: 'linux' })).toMatchObject({
        trouble: expect.any(String),
      });
    } finally {
      process.chdir(before);
    }
    expect(existsSync(told)).toBe(false);
  });

  it('is asked for by the settings, shown once by whoever reads the log, and tried by alerts test', async () => {
    for (const name of ['notify-send', 'osascript']) program(name);
    const home = join(directory, 'home');
    const project = join(home, '.claude', 'projects', '-home-dev-shopCANARY');
    mkdirSync(project, { recursive: true });
    const log = join(project, 'aaaa2222-0000-4000-8000-000000000001.jsonl');
    const settings = (more: string): void => {
      mkdirSync(join(directory, 'scopeon'), { recursive: true });
      writeFileSync(join(directory, 'scopeon', 'config.toml'), `[alerts]\n${more}\n`, { mode: 0o600 });
    };
    const env = { PATH: `${programs}${delimiter}${process.env.PATH}` };
    const answer = (id: number, fillPct: number): string =>
      `${JSON.stringify({
        type: 'assistant',
        uuid: `u${id}`,
        sessionId: 'aaaa2222-0000-4000-8000-000000000001',
        cwd: '/home/dev/shopCANARY',
        gitBranch: 'CANARY',
        timestamp: new Date().toISOString(),
        message: {
          id: `msg_${id}`,
          role: 'assistant',
          model: 'claude-haiku-4-5-20251001',
          content: [{ type: 'text', text: 'CANARY' }],
          usage: { input_tokens: 0, cache_read_input_tokens: fillPct * 2_000 - 100, output_tokens: 100 },
        },
      })}\n`;
    const { appendFileSync } = await import('node:fs');
    appendFileSync(log, answer(1, 85));
    expect(await run(['status'], { home, env })).toMatchObject({ code: 0 });
    expect(existsSync(told)).toBe(false); // it was not asked for
    expect(await run(['alerts', 'test'], { home, env })).toMatchObject({ code: 2 });

    settings('desktop = true\nbell = true');
    appendFileSync(log, answer(2, 97));
    expect(await run(['status'], { home, env })).toMatchObject({ code: 0, stderr: '' });
    expect(given().join(' ')).toMatch(/The context is .*97/);
    expect(given().join(' ')).not.toMatch(/CANARY|aaaa2222/);
    const size = readFileSync(told).length;
    expect(await run(['status'], { home, env })).toMatchObject({ code: 0 });
    expect(readFileSync(told)).toHaveLength(size);

    const tried = await run(['alerts', 'test'], { home, env });
    expect(tried).toMatchObject({ code: 0, stderr: '' });
    expect(tried.stdout).toMatch(/^desktop: shown by .*\nbell: not rung, for this is no terminal\n$/);
    expect(readFileSync(told, 'utf8')).toContain('This is a test');
    const without = await run(['alerts', 'test'], { home, env: { PATH: join(directory, 'empty') } });
    expect(without).toMatchObject({ code: 1 });
    expect(without.stdout).toContain('desktop: failed: there is no ');
  });
});

it('the bell rings for what is told from now on, once each, whoever raised it', async () => {
  const store = await createWrittenStore();
  const rung: string[] = [];
  const now = Date.parse('2026-05-04T10:00:00Z');
  const record = { sessionId: 0, severity: 'warning', message: '', fields: {}, provider: undefined, model: undefined };
  const table = createAlertTable(store.db);
  table.begin({ ...record, type: 'old', scope: '' }, now, false, true);
  let looks = 0;
  let opens = 0;
  let file = 'one';
  let isWanted = true;
  const end = startBell({
    wanted: async () => isWanted,
    store: {
      open: () => {
        opens++;
        return openReader({ db: store.path, backups: '' });
      },
      identity: () => {
        looks++;
        return file;
      },
    },
    out: { write: (text: string) => rung.push(text) } as unknown as NodeJS.WritableStream, // all of it that is used
    now: () => now,
    everyMs: 5,
  });
  const someLooks = async (): Promise<void> => {
    const from = looks;
    await until(() => looks >= from + 3);
  };
  try {
    await someLooks();
    expect(rung).toEqual([]);
    table.begin({ ...record, type: 'quiet', scope: '' }, now, false, false);
    await someLooks();
    expect(rung).toEqual([]);
    table.begin({ ...record, type: 'new', scope: '' }, now, false, true);
    table.begin({ ...record, type: 'newer', scope: '' }, now, false, true);
    await someLooks();
    await someLooks();
    const rings = rung.length;
    expect(rings).toBeGreaterThanOrEqual(1);
    expect(rings).toBeLessThanOrEqual(2); // a look may have fallen between the two
    const state = table.states().find(({ type }) => type === 'new');
    if (state === undefined) throw new Error('not there');
    table.hold(state, { ...record, type: 'new', scope: '' }, now, true);
    await someLooks();
    expect(rung).toHaveLength(rings + 1);
    const { uid } = table.begin({ ...record, type: 'silenced', scope: '' }, now, false, false);
    snoozeAlerts(store.db, [uid], now + 1, now);
    const silenced = table.states().find(({ type }) => type === 'silenced');
    if (silenced === undefined) throw new Error('not there');
    table.hold(silenced, { ...record, type: 'silenced', scope: '' }, now, true);
    await someLooks();
    expect(rung).toHaveLength(rings + 1);
    expect(opens).toBe(1);
    file = 'another';
    await someLooks();
    expect(opens).toBe(2);
    isWanted = false; // by an edit of the settings
    await new Promise((resolve) => setTimeout(resolve, 50));
    table.begin({ ...record, type: 'unheard', scope: '' }, now, false, true);
    isWanted = true;
    await someLooks();
    expect(rung).toHaveLength(rings + 1);
  } finally {
    end();
    store.remove();
  }
});
