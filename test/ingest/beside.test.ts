import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { besideOf } from '../../src/ingest/beside.ts';

let work: string;
beforeAll(() => {
  work = realpathSync.native(mkdtempSync(join(tmpdir(), 'scopeon-beside-')));
  mkdirSync(join(work, 'agent/root/folder'), { recursive: true });
  mkdirSync(join(work, 'elsewhere'));
  for (const path of ['secret', 'elsewhere/secret', 'agent/register', 'agent/root/a', 'agent/root/folder/b'])
    writeFileSync(join(work, path), path);
  writeFileSync(join(work, 'agent/root/full'), 'x'.repeat(256 * 1024));
  writeFileSync(join(work, 'agent/root/large'), 'x'.repeat(256 * 1024 + 1));
  symlinkSync(join(work, 'secret'), join(work, 'agent/root/link'));
  symlinkSync(join(work, 'elsewhere'), join(work, 'agent/root/linked'));
  if (process.platform !== 'win32') execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', join(work, 'agent/root/pipe')]);
});
afterAll(() => rmSync(work, { recursive: true }));

it.each([
  ['a', 'agent/root/a'],
  ['folder/b', 'agent/root/folder/b'],
  ['../register', 'agent/register'],
  ['full', 'x'.repeat(256 * 1024)],
  ['../../secret', undefined],
  ['folder/../../../secret', undefined],
  ['link', undefined],
  ['linked/secret', undefined],
  ['folder', undefined],
  ['pipe', undefined],
  ['large', undefined],
  ['nothing', undefined],
  ['a/nothing', undefined],
])('a log is told what is in %s beside it, or nothing', (path, text) => {
  expect(besideOf(log()).beside(path)).toBe(text);
  if (!path.startsWith('large')) expect(besideOf(log()).bytesBeside(path)?.toString()).toBe(text);
});

it('a log is told bytes of a document that is too large for a text', () => {
  expect(besideOf(log()).bytesBeside('large')?.length).toBe(256 * 1024 + 1);
});

it.each([
  ['folder', ['b']],
  ['../root/folder', ['b']],
  ['..', ['register', 'root']],
  ['../..', []],
  ['linked', []],
  ['a', []],
  ['nothing', []],
])('a log is told the names in %s beside it, or none', (path, names) => {
  expect(besideOf(log()).namesBeside(path)).toEqual(names);
});

// Elsewhere such a name cannot be made.
it.runIf(process.platform === 'linux')('so it is in a folder whose name is no UTF-8', () => {
  const folder = Buffer.from(`${join(work, 'agent/root')}/\xff`, 'latin1');
  mkdirSync(folder);
  writeFileSync(Buffer.concat([folder, Buffer.from('/b')]), 'told');
  const { beside, namesBeside } = besideOf({
    path: join(work, 'agent/root/\0ff/log.jsonl'),
    relativePath: '\0ff/log.jsonl',
  });
  const told = [beside('\0ff/b'), namesBeside('\0ff'), namesBeside('..')];
  renameSync(folder, join(work, 'agent/root/odd')); // or it could not be removed
  expect(told).toEqual(['told', ['b'], ['register', 'root']]);
});

function log() {
  return { path: join(work, 'agent/root/folder/log.jsonl'), relativePath: 'folder/log.jsonl' };
}
