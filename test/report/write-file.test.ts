import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkTarget, writeFileSafely, writeStream } from '../../src/report/write-file.ts';

const windows = process.platform === 'win32';
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scopeon-write-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, pieces: Iterable<string>, options: { force?: boolean; signal?: AbortSignal } = {}) {
  const { force = false, signal = new AbortController().signal } = options;
  return writeFileSafely(join(folder, name), pieces, { force, signal });
}

describe('a written file', () => {
  it('has everything and can be read by its owner alone', async () => {
    expect(await write('a.json', ['[1,', '"ä"', ']\n'])).toBe(true);
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('[1,"ä"]\n');
    if (!windows) expect(statSync(join(folder, 'a.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('replaces another only when told so, and is private even then', async () => {
    writeFileSync(join(folder, 'a.json'), 'old');
    chmodSync(join(folder, 'a.json'), 0o644);
    await expect(write('a.json', ['new'])).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('--force'),
    });
    await expect(write('a.json', ['new'])).rejects.toThrow(join(folder, 'a.json'));
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('old');
    await write('a.json', ['new'], { force: true });
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('new');
    if (!windows) expect(statSync(join(folder, 'a.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('does not take the place of one that appeared while it was written', async () => {
    function* pieces() {
      yield 'mine';
      writeFileSync(join(folder, 'a.json'), 'theirs');
    }
    await expect(write('a.json', pieces())).rejects.toMatchObject({ code: 'usage' });
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('theirs');
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it.skipIf(windows).each([false, true])('never goes through a link (force: %s)', async (force) => {
    writeFileSync(join(folder, 'target'), 'kept');
    symlinkSync(join(folder, 'target'), join(folder, 'link'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
    await expect(write('link', ['x'], { force })).rejects.toMatchObject({ code: 'usage' });
    await expect(write('dangling', ['x'], { force })).rejects.toMatchObject({ code: 'usage' });
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('kept');
    expect(readdirSync(folder).sort()).toEqual(['dangling', 'link', 'target']);
  });

  it.each([
    ['a folder', 'inside', /is a folder/],
    ['a name that ends as a folder', 'new/', /is a folder/],
    ['a file in a folder that is not there', 'missing/a.json', /does not exist/],
    ['a file below a file', 'file/a.json', /does not exist/],
  ])('is refused in place of %s', async (_, name, message) => {
    mkdirSync(join(folder, 'inside'));
    writeFileSync(join(folder, 'file'), '');
    const path = `${folder}/${name}`;
    expect(() => checkTarget(path, true)).toThrow(message);
    await expect(
      writeFileSafely(path, ['x'], { force: true, signal: new AbortController().signal }),
    ).rejects.toMatchObject({ code: 'usage' });
    expect(readdirSync(folder).sort()).toEqual(['file', 'inside']);
  });

  it.skipIf(windows)('is refused in place of a device', () => {
    expect(() => checkTarget('/dev/null', true)).toThrow(/is not a file/);
  });

  it.each([
    ['ENOSPC', 'noSpace'],
    ['EDQUOT', 'noSpace'],
    ['EFBIG', 'noSpace'],
    ['EIO', 'failure'],
  ])('leaves nothing behind on %s', async (code, expected) => {
    function* pieces() {
      yield 'half';
      throw Object.assign(new Error(code), { code, syscall: 'write' });
    }
    await expect(write('a.json', pieces())).rejects.toMatchObject({ code: expected });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps the old one when the new one fails', async () => {
    writeFileSync(join(folder, 'a.json'), 'old');
    function* pieces() {
      yield 'half';
      throw new TypeError('a bug');
    }
    await expect(write('a.json', pieces(), { force: true })).rejects.toThrow(TypeError);
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('is not there when a signal ended it', async () => {
    const controller = new AbortController();
    function* pieces() {
      yield 'half';
      controller.abort();
      yield 'more';
      throw new Error('asked for more');
    }
    expect(await write('a.json', pieces(), { signal: controller.signal })).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a stream', () => {
  function endless(): { readonly pieces: Generator<string>; readonly taken: () => number } {
    let taken = 0;
    function* pieces() {
      while (true) yield `${taken++}\n`;
    }
    return { pieces: pieces(), taken: () => taken };
  }

  it('gets everything in order', async () => {
    const got: string[] = [];
    const stream = new Writable({
      highWaterMark: 2,
      write: (chunk, _, done) => {
        got.push(String(chunk));
        setImmediate(done);
      },
    });
    await writeStream(stream, ['a', 'bcd', 'e'], new AbortController().signal);
    await new Promise((resolve) => stream.end(resolve));
    expect(got.join('')).toBe('abcde');
  });

  it('that does not take any more is asked for nothing more, until a signal ends it', async () => {
    const controller = new AbortController();
    const { pieces, taken } = endless();
    const stream = new Writable({ highWaterMark: 8, write: () => undefined });
    const written = writeStream(stream, pieces, controller.signal);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(taken()).toBeLessThan(10);
    controller.abort();
    await written;
    expect(stream.listenerCount('drain')).toBe(0);
  });

  it('that is gone ends it', async () => {
    const stream = new Writable({ highWaterMark: 8, write: () => undefined });
    setTimeout(() => stream.destroy(), 20);
    await writeStream(stream, endless().pieces, new AbortController().signal);
  });
});
