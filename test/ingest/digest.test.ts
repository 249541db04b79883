import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDigest } from '../../src/ingest/digest.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'digest-'));
  file = join(directory, 'home', 'hmac.key');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const bytes = Buffer.from('CANARY');

it('makes a key that only its owner reads, once, and leaves nothing beside it', () => {
  const first = createDigest(file);
  expect(statSync(file).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
  expect(readFileSync(file)).toHaveLength(32);
  expect(createDigest(file)(bytes)).toBe(first(bytes));
  expect(readdirSync(join(directory, 'home'))).toEqual(['hmac.key']);
  expect(createDigest(join(directory, 'other.key'))(bytes)).not.toBe(first(bytes));
});

it('does not give away the key itself', () => {
  const { key } = createDigest(file);
  expect(readFileSync(file).includes(Buffer.from(key))).toBe(false);
});

it('makes another key for one that was lost to an empty file', () => {
  createDigest(file);
  writeFileSync(file, '');
  const first = createDigest(file);
  expect(createDigest(file)(bytes)).toBe(first(bytes));
  expect(readFileSync(file)).toHaveLength(32);
});

it('leaves alone what another thread of this process is just writing', () => {
  createDigest(join(directory, 'home', 'first.key'));
  const others = `${file}.${process.pid}`;
  writeFileSync(others, 'half');
  createDigest(file);
  expect(readFileSync(others, 'utf8')).toBe('half');
});
