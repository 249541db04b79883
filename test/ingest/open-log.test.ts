import { execFileSync } from 'node:child_process';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLog } from '../../src/ingest/open-log.ts';

let work: string;
let directory: string;
let path: string;
beforeEach(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-open-')));
  directory = join(work, 'root');
  path = join(directory, 'a.jsonl');
  mkdirSync(directory);
  writeFileSync(path, 'theirs\n');
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

function listed() {
  const { dev, ino } = lstatSync(path);
  return { path, dev, ino };
}

it('opens the file that was listed', () => {
  const opened = openLog(listed(), new Set());
  expect(opened?.stat.size).toBe(7);
  if (opened !== undefined) closeSync(opened.fd);
});

const changes: readonly (readonly [string, () => void])[] = [
  ['gone', () => rmSync(path)],
  [
    'another file by now',
    () => {
      renameSync(path, join(work, 'old'));
      writeFileSync(path, 'secret\n');
    },
  ],
  [
    'a link by now',
    () => {
      renameSync(path, join(work, 'old'));
      symlinkSync(join(work, 'old'), path);
    },
  ],
  [
    'below a linked folder by now',
    () => {
      renameSync(directory, join(work, 'moved'));
      symlinkSync(join(work, 'moved'), directory);
    },
  ],
  [
    'a pipe nobody writes to by now',
    () => {
      rmSync(path);
      execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', path]);
    },
  ],
];

// Files get links and pipes in their place by other means on Windows.
it.skipIf(process.platform === 'win32').each(changes)('what is %s is not opened, and not waited for', (_, change) => {
  const file = listed();
  change();
  expect(openLog(file, new Set())).toBeUndefined();
});
