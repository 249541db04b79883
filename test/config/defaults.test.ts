import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defaultConfig, settingKeys } from '../../src/config/defaults.ts';
import { configSchema } from '../../src/config/schema.ts';
import { unwrap } from '../../src/config/sieve.ts';
import { eachTestHasAHome, example, fullExample, load, loadText, notYet, write } from '../helpers/config-home.ts';

eachTestHasAHome();

describe('defaults', () => {
  test('are what the schema makes of nothing', () => {
    expect(defaultConfig).toEqual(configSchema.parse({}));
  });

  test('hold without a file, all of them with the source default', async () => {
    const { config, sources, warnings, paths } = await load();
    expect(config).toBe(defaultConfig);
    expect(warnings).toEqual([]);
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']));
    expect(paths.config).toBeUndefined();
  });

  test('cost neither zod nor the TOML parser', () => {
    const imports = [...staticImports('config.ts')];
    expect(imports).toContain('./config/defaults.ts');
    expect(imports.filter((name) => !name.startsWith('node:') && !name.startsWith('./'))).toEqual([]);
  });

  test('list every setting of the schema', () => {
    const fromSchema = Object.entries(configSchema.shape).flatMap(([section, schema]) =>
      Object.keys(schema.unwrap().shape).map((key) => `${section}.${key}`),
    );
    expect([...settingKeys].sort()).toEqual(fromSchema.sort());
  });

  test('are frozen all the way down, as is a configuration that was read', async () => {
    for (const { config } of [await load(), await loadText(fullExample)]) expectFrozen(config);
  });
});

describe('config.example.toml', () => {
  test('parses to exactly the defaults, saying every one of them', async () => {
    const { config, warnings } = await loadText(example);
    expect(warnings).toEqual([]);
    expect(config).toEqual(defaultConfig);
    const written = parse(example);
    for (const key of settingKeys) {
      const [section = '', name = ''] = key.split('.');
      const preset = (defaultConfig as unknown as Record<string, Record<string, unknown>>)[section]?.[name];
      const isPlain =
        preset !== undefined && (typeof preset !== 'object' || (Array.isArray(preset) && key !== 'alerts.webhooks'));
      if (isPlain) expect({ [key]: (written[section] as Record<string, unknown>)[name] }).toEqual({ [key]: preset });
    }
  });

  test('shows the settings without a default in comments that parse without a warning', async () => {
    write('prices.toml', '');
    const { config, warnings } = await loadText(fullExample);
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining(notYet)]);
    expect(missing(configSchema, parse(fullExample), '')).toEqual([]);
    expect(config.alerts.webhooks).toHaveLength(3);
    expect(config.budget.providers.codex).toEqual({ daily_usd: 2, weekly_usd: 8, monthly_usd: 20 });
  });

  test('has a comment in the lines above each setting', () => {
    const lines = example.split('\n');
    const bare = lines.filter((line, i) => /^#?[a-z_.A-Z-]+ = /.test(line) && !hasCommentAbove(lines, i));
    expect(bare).toEqual([]);
  });
});

/** Everything that loading a file of `src/` loads at once, followed through our own files. */
function staticImports(file: string, seen = new Set<string>()): ReadonlySet<string> {
  const source = readFileSync(path.join(import.meta.dirname, '..', '..', 'src', file), 'utf8');
  for (const [, name = ''] of source.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm)) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (name.startsWith('./')) staticImports(name.slice(2), seen);
  }
  return seen;
}

function expectFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  expect(Object.isFrozen(value)).toBe(true);
  for (const part of Object.values(value)) expectFrozen(part);
}

/** Keys of the schema that the values never show, also in tables with names of one's own and in any entry of a list. */
function missing(schema: z.ZodType, values: unknown, at: string): readonly string[] {
  const inner = unwrap(schema);
  const entries = Object.values(values ?? {});
  if (inner instanceof z.ZodArray && unwrap(inner.element as z.ZodType) instanceof z.ZodObject) {
    return missing(inner.element as z.ZodType, Object.assign({}, ...entries), `${at}[]`);
  }
  if (inner instanceof z.ZodRecord) {
    return entries.length === 0 ? [at] : missing(inner.valueType as z.ZodType, entries[0], `${at}.*`);
  }
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape).flatMap(([key, part]) => {
    const value = (values as Record<string, unknown>)[key];
    return value === undefined ? [`${at}.${key}`] : missing(part as z.ZodType, value, `${at}.${key}`);
  });
}

/** A comment just above, or above the neighbours that share it. */
function hasCommentAbove(lines: readonly string[], i: number): boolean {
  for (let above = i - 1; above >= 0; above--) {
    const line = lines[above] ?? '';
    if (line.startsWith('# ')) return true;
    if (line === '') return false;
  }
  return false;
}
