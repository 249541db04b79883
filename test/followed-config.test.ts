import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { followConfig } from '../src/followed-config.ts';

test('settings count as they are edited, made and taken away; a file that cannot be read changes none', async () => {
  const home = mkdtempSync(join(tmpdir(), 'scopeon-followed-'));
  const file = join(home, '.scopeon', 'config.toml');
  mkdirSync(join(home, '.scopeon'));
  const told: string[] = [];
  try {
    const settings = await followConfig({ env: {}, home, notice: (sentence) => told.push(sentence) });
    const bell = async (): Promise<boolean> => {
      await settings.look();
      return settings.loaded.config.alerts.bell;
    };
    expect(await bell()).toBe(false);
    const before = settings.loaded;
    expect(await bell()).toBe(false);
    expect(settings.loaded).toBe(before);
    writeFileSync(file, '[alerts]\nbell = true\n', { mode: 0o600 });
    expect(await bell()).toBe(true);
    writeFileSync(file, '[alerts\nbell = CANARY', { mode: 0o600 });
    expect(await bell()).toBe(true);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^config\.toml line \d+: /);
    expect(told[0]).not.toContain('CANARY');
    expect(settings.trouble).toBe(told[0]);
    writeFileSync(file, '[alerts]\nbell = false\n', { mode: 0o600 });
    expect(await bell()).toBe(false);
    writeFileSync(file, '[alerts]\nbell = true # again\n', { mode: 0o600 });
    expect(await bell()).toBe(true);
    expect(settings.trouble).toBeUndefined();
    writeFileSync(file, '[alerts]\nbell = "CANARY"\n[budget]\ndaily_usd = 3\n', { mode: 0o600 });
    expect(await bell()).toBe(true); // what cannot be used changes nothing, what can does
    expect(settings.loaded.config.budget.daily_usd).toBe(3);
    expect(settings.loaded.sources['alerts.bell']).toBe('file');
    expect(settings.trouble).toMatch(/^config\.toml line 2: alerts\.bell must be true or false/);
    writeFileSync(file, '[alerts]\nbell = "CANARY"\n[budget]\ndaily_usd = "CANARY" # both\n', { mode: 0o600 });
    expect(await bell()).toBe(true);
    expect(settings.loaded.config.budget.daily_usd).toBe(3);
    writeFileSync(file, '[budget]\ndaily_usd = 4\n', { mode: 0o600 });
    expect(await bell()).toBe(false);
    expect(settings.loaded.config.budget.daily_usd).toBe(4);
    expect(settings.trouble).toBeUndefined();
    rmSync(file);
    expect(await bell()).toBe(false);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
