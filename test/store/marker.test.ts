import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Claim, claimMarker } from '../../src/store/marker.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-marker-')));
  path = join(directory, 'at-work');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const dead = (nonce: string): string => JSON.stringify({ pid: 2 ** 22 + 1, bootId: '', processStart: '', nonce });

function marker(claim: Claim) {
  if (!('marker' in claim)) throw new Error('not taken');
  return claim.marker;
}

test('one has it, others are told who and how far, and it is free again afterwards', () => {
  const mine = marker(claimMarker(path));
  expect(claimMarker(path)).toMatchObject({ owner: { pid: process.pid } });
  mine.say({ files: 3 });
  expect(claimMarker(path)).toMatchObject({ owner: { pid: process.pid, news: { files: 3 } } });
  mine.remove();
  expect(readdirSync(directory)).toEqual([]);
  marker(claimMarker(path)).remove();
});

test('of a dead owner it is taken over, with all that he left', () => {
  writeFileSync(path, dead('1'));
  writeFileSync(`${path}.half.db`, 'half');
  const mine = marker(claimMarker(path));
  expect(readdirSync(directory)).toEqual(['at-work']);
  mine.remove();
});

test('a take-over in whose middle somebody was killed is taken over too', () => {
  writeFileSync(path, dead('1'));
  const guard = `${path}.${createHash('sha256').update(dead('1')).digest('hex').slice(0, 12)}`;
  writeFileSync(guard, JSON.stringify({ ...JSON.parse(dead('2')), pid: process.pid }));
  expect(claimMarker(path)).toEqual({ owner: undefined }); // somebody who lives is at it
  writeFileSync(guard, dead('2'));
  marker(claimMarker(path)).remove();
  expect(readdirSync(directory)).toEqual([]);
});

test('without a name it is waited for while it is young, and taken when it is old', () => {
  writeFileSync(path, '');
  expect(claimMarker(path)).toEqual({ owner: undefined });
  utimesSync(path, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
  marker(claimMarker(path)).remove();
});

test('one that was lost is not removed', () => {
  const mine = marker(claimMarker(path));
  writeFileSync(path, 'of somebody else');
  mine.say('still here');
  mine.remove();
  expect(readFileSync(path, 'utf8')).toBe('of somebody else');
});

test('of six processes that find a dead one, one takes it over', { timeout: 60_000 }, async () => {
  const paths = Array.from({ length: 150 }, (_, i) => join(directory, `m${i}`));
  for (const each of paths) writeFileSync(each, dead(each));
  const script = fileURLToPath(new URL('../helpers/claim-markers.ts', import.meta.url));
  const startAt = String(Date.now() + 2_500);
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--import', 'tsx', script, startAt, ...paths], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  try {
    const lines = await Promise.all(
      children.map(
        (child) =>
          new Promise<string>((resolve, reject) => {
            child.on('exit', () => reject(new Error('ended too soon')));
            createInterface({ input: child.stdout }).once('line', resolve);
          }),
      ),
    );
    const taken: number[] = lines.flatMap((text) => JSON.parse(text) as number[]);
    expect(taken.sort((a, b) => a - b)).toEqual(paths.map((_, i) => i));
    expect(lines.filter((text) => text !== '[]').length).toBeGreaterThan(1);
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
});
