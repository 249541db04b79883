import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'smol-toml';
import type { EntryEditor } from './editor.ts';

/** Entries as tables of a TOML file; comments and order of all others stay. */
export const tomlEntries: EntryEditor = {
  read: (text, key, name) => serversOf(text, key)?.[name],
  set: (text, key, name, entry) => {
    const rest = tomlEntries.remove(text, key, name);
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    const table = stringify({ [key]: { [name]: entry } })
      .trim()
      .replaceAll('\n', eol);
    const gap = rest === '' ? '' : rest.endsWith('\n') ? eol : `${eol}${eol}`;
    const edited = `${rest}${gap}${table.replace(new RegExp(`^\\[${key}\\]\\r?\\n`), '')}${eol}`;
    checkOnly(key, name, [text, edited], entry);
    return edited;
  },
  remove: (text, key, name) => {
    if (serversOf(text, key)?.[name] === undefined) return text;
    const left = withoutTable(text, key, name);
    checkOnly(key, name, [text, left], undefined);
    return left;
  },
};

/** Did the edit change the entry and nothing else? Tables can be written in ways that only a person can edit. @throws RangeError */
function checkOnly(key: string, name: string, [before, after]: readonly [string, string], wanted: unknown): void {
  const fault = new RangeError(
    `has its "${key}" written in a way that only you can edit; change the entry "${name}" by hand`,
  );
  let now: Readonly<Record<string, unknown>> | undefined;
  let othersAre = false;
  try {
    now = serversOf(after, key);
    othersAre = isDeepStrictEqual(others(before, key, name), others(after, key, name));
  } catch (cause) {
    fault.cause = cause;
    throw fault;
  }
  if (!othersAre || !isDeepStrictEqual(plain(now?.[name]), plain(wanted))) throw fault;
}

/** Everything but the entry; a table of servers with nothing in it is as good as none. */
function others(text: string, key: string, name: string): unknown {
  const { [key]: _, ...root } = parseToml(text);
  const { [name]: __, ...servers } = serversOf(text, key) ?? {};
  return plain({ ...root, ...(Object.keys(servers).length > 0 ? { [key]: servers } : {}) });
}

/** Without prototypes and dates of their own kind, so that values can be compared. */
function plain(value: unknown): unknown {
  if (value === undefined) return undefined;
  return JSON.parse(JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item)));
}

/** Cuts the table and those below it, with the blank line before; comments behind its last value are of what follows, and stay. */
function withoutTable(text: string, key: string, name: string): string {
  const kept: string[] = [];
  let behind: string[] = [];
  let inside = false;
  for (const line of text.split(/(?<=\n)/)) {
    const [, header] = /^\s*\[([^[\]]+)\]\s*(?:#.*)?\r?\n?$/.exec(line) ?? [];
    if (header !== undefined || /^\s*\[\[/.test(line)) {
      const path = header?.split('.').map((part) => part.trim().replace(/^["']|["']$/g, ''));
      const was = inside;
      inside = path?.[0] === key && path[1] === name;
      if (was && !inside) kept.push(...behind);
      if (inside && !was && kept.at(-1)?.trim() === '') kept.pop();
      behind = [];
    } else if (inside) behind = /^\s*(?:#.*)?$/.test(line.trimEnd()) ? [...behind, line] : [];
    if (!inside) kept.push(line);
  }
  const isTold = behind.some((line) => line.trim() !== '');
  return [...kept, ...(inside && isTold ? behind : [])].join('');
}

function serversOf(text: string, key: string): Readonly<Record<string, unknown>> | undefined {
  const servers = parseToml(text)[key];
  if (servers === undefined) return undefined;
  if (typeof servers !== 'object' || servers === null || Array.isArray(servers))
    throw new RangeError(`has a "${key}" that is not a table`);
  return servers as Readonly<Record<string, unknown>>; // a table
}

function parseToml(text: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text.replace(/^\uFEFF/, ''), { integersAsBigInt: 'asNeeded' });
  } catch (error) {
    const line = (error as { line?: unknown }).line;
    throw new RangeError(`is not valid TOML${typeof line === 'number' ? ` (line ${line})` : ''}`, { cause: error });
  }
}
