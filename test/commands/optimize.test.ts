import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Outcome, run } from '../helpers/bin.ts';

// Many processes: on a machine that has much else to do they take their time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let home: string;
beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), 'scopeon-optimize-')), 'home');
  mkdirSync(home);
});
afterEach(() => rmSync(join(home, '..'), { recursive: true, force: true, maxRetries: 5 }));

const optimize = (...args: readonly string[]): Promise<Outcome> => run(['optimize', ...args], { home });
const launcher = (id: string): string =>
  join(home, '.scopeon', 'launchers', process.platform === 'win32' ? `${id}.cmd` : id);
const codexSettings = (): string => join(home, '.codex', 'config.toml');
const codexProfile = (preset: string): string => join(home, '.codex', `scopeon-${preset}.config.toml`);

describe('presets', () => {
  it('are listed and explained, for all agents or one', async () => {
    const scan = await optimize('scan');
    expect(scan).toMatchObject({ code: 0, stderr: '' });
    for (const title of ['Claude Code', 'Codex CLI', 'Gemini CLI', 'GitHub Copilot CLI'])
      expect(scan.stdout).toContain(title);
    const { providers } = JSON.parse((await optimize('scan', '--json')).stdout);
    expect(providers).toHaveLength(4);
    expect(providers[0]).toMatchObject({ detected: false, current_preset: null });
    const one = await optimize('explain', '--provider', 'claude');
    expect(one.stdout).toContain('Most savings (most-savings)');
    expect(one.stdout).not.toContain('Codex');
  });

  it('are shown whole before anything is written', async () => {
    const shown = await optimize('preview', '--provider', 'codex', '--preset', 'balanced');
    expect(shown.stdout).toContain('scopeon-balanced.config.toml');
    const { previews } = JSON.parse((await optimize('preview', '--preset', 'speed', '--json')).stdout);
    expect(previews.map((each: { preset_id: string }) => each.preset_id)).toEqual(Array(4).fill('most-speed'));
    expect(existsSync(join(home, '.scopeon'))).toBe(false);
    expect(existsSync(join(home, '.codex'))).toBe(false);
  });

  it('are written beside what is there, one in use for an agent, and taken out to the byte', async () => {
    const settings = '# mine\nmodel = "o3" # CANARY\n\n[profiles.own]\nmodel = "x"\n';
    mkdirSync(join(home, '.codex'));
    writeFileSync(codexSettings(), settings);
    const ours = join(home, '..', 'scopeon', 'config.toml');
    mkdirSync(join(ours, '..'), { recursive: true });
    writeFileSync(ours, '# CANARY\n[budget]\ndaily_usd = 5 # CANARY\n', { mode: 0o600 });
    const done = await optimize('apply', '--provider', 'codex', '--preset', 'balanced');
    expect(done, done.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(codexSettings(), 'utf8')).toBe(settings);
    expect(readFileSync(codexProfile('balanced'), 'utf8')).toContain('model = "gpt-5.4"');
    if (process.platform !== 'win32') expect(statSync(launcher('codex-balanced')).mode & 0o777).toBe(0o755);
    expect(readFileSync(launcher('codex-balanced'), 'utf8')).toContain('codex --profile scopeon-balanced');
    const { providers } = JSON.parse((await optimize('scan', '--json')).stdout);
    expect(providers.find((each: { provider_id: string }) => each.provider_id === 'codex').current_preset).toBe(
      'balanced',
    );
    expect(readFileSync(ours, 'utf8')).toContain('# CANARY\n[budget]\ndaily_usd = 5 # CANARY\n');
    expect(readFileSync(ours, 'utf8')).toContain('codex = "balanced"');

    const json = JSON.parse(
      (await optimize('apply', '--provider', 'codex', '--preset', 'most-power', '--json')).stdout,
    );
    expect(json.applied[0].files_written).toEqual([launcher('codex-most-power'), codexProfile('most-power')]);
    expect(existsSync(launcher('codex-balanced'))).toBe(false);
    expect(existsSync(codexProfile('balanced'))).toBe(false);

    expect(await optimize('revert')).toMatchObject({ code: 0 });
    expect(readdirSync(join(home, '.codex'))).toEqual(['config.toml']);
    expect(readdirSync(join(home, '.scopeon', 'launchers'))).toEqual([]);
    expect(readFileSync(ours, 'utf8')).not.toContain('most-power');
    expect((await optimize('revert')).stdout).toBe('No preset is in use.\n');
  });

  it('leave what somebody edited, and go where the agent looks', async () => {
    await optimize('apply', '--provider', 'gemini', '--preset', 'savings');
    const path = launcher('gemini-cli-most-savings');
    writeFileSync(path, '#!/bin/sh\n# CANARY\n');
    chmodSync(path, 0o755);
    const { stdout } = await optimize('revert', '--provider', 'gemini');
    expect(stdout).toContain(`Left, for it was edited: ${path}`);
    expect(readFileSync(path, 'utf8')).toContain('CANARY');
    const elsewhere = join(home, 'codex');
    const applied = await run(['optimize', 'apply', '--provider', 'codex', '--preset', 'balanced'], {
      home,
      env: { CODEX_HOME: elsewhere },
    });
    expect(applied).toMatchObject({ code: 0 });
    expect(readdirSync(elsewhere)).toEqual(['scopeon-balanced.config.toml']);
  });

  it.each([
    [['apply', '--provider', 'codex'], 'Say which preset'],
    [['apply', '--provider', 'emacs', '--preset', 'balanced'], 'has no presets'],
    [['preview', '--preset', 'cheap'], 'There is no preset "cheap"'],
    [['tune'], 'nothing called "tune"'],
  ])('%j is a usage error', async (args, words) => {
    const outcome = await optimize(...args);
    expect(outcome).toMatchObject({ code: 2 });
    expect(outcome.stderr).toContain(words);
  });
});
