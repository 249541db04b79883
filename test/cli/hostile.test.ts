import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../helpers/bin.ts';

const work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-hostile-')));
const home = join(work, 'home');

/** The largest counts there may be, in so many turns that their cost exceeds 64 bits. */
beforeAll(() => {
  const directory = join(home, '.claude/projects/x');
  mkdirSync(directory, { recursive: true });
  let text = '';
  for (let n = 0; n < 1200; n++) {
    const usage = {
      input_tokens: 1e12,
      output_tokens: 1e12,
      cache_read_input_tokens: 1e12,
      cache_creation_input_tokens: 1e12,
    };
    const timestamp = new Date(Date.parse('2026-04-10T00:00:00Z') + n * 300_000).toISOString();
    text += `${JSON.stringify({ type: 'assistant', timestamp, cwd: '/home/dev/x', message: { id: `msg_${n}`, model: 'claude-opus-4-6', content: [{ type: 'tool_use', id: `t${n}`, name: 'Bash', input: {} }], usage } })}\n`;
  }
  writeFileSync(join(directory, 'a.jsonl'), text);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

it.each([
  ['daily'],
  ['monthly'],
  ['sessions'],
  ['models'],
  ['blocks'],
  ['projects'],
  ['status'],
  ['report', 'tool'],
  ['report', 'agent'],
  ['export'],
])('counts beyond all measure do not stop scopeon %s %s', async (...args) => {
  for (const flags of args[0] === 'export' ? [[]] : [[], ['--json']]) {
    const { code, stdout, stderr } = await run([...args, ...flags], { home });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toMatch(/NaN|Infinity|-\d{5}/);
  }
});
