import { constants, copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'smol-toml';
import type { ClientModule, ServerStart } from '../client.ts';
import { ScopeonError } from '../errors.ts';
import type { EntryEditor } from './editor.ts';
import { jsonEntries } from './json-entry.ts';
import { lineDiff } from './line-diff.ts';
import { replaceFile, targetOf } from './replace-file.ts';
import { tomlEntries } from './toml-entry.ts';

/** The name servers of ours have with every client. */
const serverName = 'scopeon';

const editors: Readonly<Record<ClientModule['syntax'], EntryEditor>> = { json: jsonEntries, toml: tomlEntries };

export interface Change {
  readonly path: string;
  /** Undefined: there is no file, or there is none afterwards. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What registering would change. @throws ScopeonError `failure` when the file is not what it must be */
export function registering(client: ClientModule, path: string, start: ServerStart): Change {
  const before = textOf(path);
  const entry = client.entry?.(start) ?? {
    command: start.command,
    args: start.args,
    ...(Object.keys(start.env).length > 0 ? { env: start.env } : {}),
  };
  const after = edited(path, () => editors[client.syntax].set(before ?? '', client.key, serverName, entry));
  return { path, before, after };
}

/** What taking it out would change: the file becomes what it was, to the byte, if nobody changed it since. */
export function removing(client: ClientModule, path: string): Change {
  const editor = editors[client.syntax];
  const before = textOf(path);
  if (before === undefined) return { path, before, after: undefined };
  return edited(path, () => {
    const entry = editor.read(before, client.key, serverName) as Readonly<Record<string, unknown>> | undefined; // whatever is there, it is only written again
    if (entry === undefined) return { path, before, after: before };
    const wouldBe = (text: string): boolean => {
      try {
        return editor.set(text, client.key, serverName, entry) === before;
      } catch {
        return false;
      }
    };
    for (const backup of backupsOf(path).toReversed()) {
      const text = textOf(backup);
      if (text !== undefined && editor.read(text, client.key, serverName) === undefined && wouldBe(text))
        return { path, before, after: text };
    }
    if (wouldBe('')) return { path, before, after: undefined };
    return { path, before, after: editor.remove(before, client.key, serverName) };
  });
}

/** The entry before and after, as lines with `-` or `+` before them. Nothing else of the file is told: it holds keys of others. */
export function entryDiff({ key, syntax }: ClientModule, change: Change): readonly string[] {
  const entryOf = (text: string | undefined): unknown => editors[syntax].read(text ?? '', key, serverName);
  const after = entryOf(change.after);
  const shown = (entry: unknown): string =>
    entry === undefined
      ? ''
      : syntax === 'toml'
        ? stringify({ [key]: { [serverName]: entry } })
        : JSON.stringify({ [serverName]: entry }, null, 2)
            .split('\n')
            .slice(1, -1)
            .join('\n');
  return lineDiff(shown(masked(entryOf(change.before), after)), shown(after));
}

/** What somebody put into the entry is named and not shown. */
function masked(entry: unknown, ours: unknown): unknown {
  if (!isObject(entry)) return entry;
  const own = isObject(ours) ? ours : {};
  return Object.fromEntries(
    Object.entries(entry).map(([name, value]) => {
      if (name === 'env' && isObject(value)) return [name, masked(value, own.env)];
      const isOurs = ['type', 'command', 'args', 'tools'].includes(name) || isDeepStrictEqual(value, own[name]);
      return [name, isOurs ? value : '…'];
    }),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Makes the change, after a numbered copy of what is there. Gives the copy's path. */
export function apply(change: Change): string | undefined {
  const { path, before, after } = change;
  if (before === after) return undefined;
  try {
    if (textOf(path) !== before)
      throw new ScopeonError('failure', `${path} was changed meanwhile.`, {
        hint: 'Run this again. Nothing was changed.',
      });
    const backup = before === undefined ? undefined : backUp(path);
    if (after === undefined) rmSync(targetOf(path), { force: true });
    else replaceFile(path, after);
    return backup;
  } catch (error) {
    if (error instanceof ScopeonError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new ScopeonError('failure', `${path} cannot be written${code === undefined ? '' : ` (${code})`}.`, {
      hint: 'Nothing was changed.',
      cause: error,
    });
  }
}

function backUp(path: string): string {
  for (let number = backupsOf(path).length + 1; ; number++) {
    const copy = `${path}.scopeon-${number}.bak`;
    if (existsSync(copy)) continue;
    copyFileSync(path, copy, constants.COPYFILE_EXCL);
    return copy;
  }
}

/** Oldest first. */
function backupsOf(path: string): readonly string[] {
  const folder = dirname(path);
  if (!existsSync(folder)) return [];
  const numberOf = (name: string): number =>
    name.startsWith(`${basename(path)}.scopeon-`)
      ? Number(/\.scopeon-(\d+)\.bak$/.exec(name)?.[1] ?? Number.NaN)
      : Number.NaN;
  return readdirSync(folder)
    .filter((name) => !Number.isNaN(numberOf(name)))
    .sort((a, b) => numberOf(a) - numberOf(b))
    .map((name) => join(folder, name));
}

/** Of a file; undefined: there is none. @throws ScopeonError when it cannot be read */
export function textOf(path: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const why = error instanceof TypeError ? 'is not UTF-8 text' : `cannot be read (${code})`;
    throw new ScopeonError('failure', `${path} ${why}.`, { hint: 'Nothing was changed.', cause: error });
  }
}

function edited<T>(path: string, edit: () => T): T {
  try {
    return edit();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ScopeonError('failure', `${path} ${error.message}.`, {
      hint: 'Mend the file, then run this again. Nothing was changed.',
      cause: error,
    });
  }
}
