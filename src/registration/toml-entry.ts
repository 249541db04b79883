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
    return `${rest}${gap}${table.replace(new RegExp(`^\\[${key}\\]\\r?\\n`), '')}${eol}`;
  },
  remove: (text, key, name) => {
    if (serversOf(text, key)?.[name] === undefined) return text;
    const left = withoutTable(text, key, name);
    if (serversOf(left, key)?.[name] !== undefined)
      throw new RangeError(`has its "${name}" written in a way only you can edit; take it out of [${key}] by hand`);
    return left;
  },
};

/** Cuts the table and those below it, with the blank line before. */
function withoutTable(text: string, key: string, name: string): string {
  const lines = text.split(/(?<=\n)/);
  const kept: string[] = [];
  let inside = false;
  for (const line of lines) {
    const [, header] = /^\s*\[([^[\]]+)\]\s*(?:#.*)?\r?\n?$/.exec(line) ?? [];
    if (header !== undefined || /^\s*\[\[/.test(line)) {
      const path = header?.split('.').map((part) => part.trim().replace(/^["']|["']$/g, ''));
      const was = inside;
      inside = path?.[0] === key && path[1] === name;
      if (inside && !was && kept.at(-1)?.trim() === '') kept.pop();
    }
    if (!inside) kept.push(line);
  }
  return kept.join('');
}

function serversOf(text: string, key: string): Readonly<Record<string, unknown>> | undefined {
  let root: Readonly<Record<string, unknown>>;
  try {
    root = parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const line = (error as { line?: unknown }).line;
    throw new RangeError(`is not valid TOML${typeof line === 'number' ? ` (line ${line})` : ''}`, { cause: error });
  }
  const servers = root[key];
  if (servers === undefined) return undefined;
  if (typeof servers !== 'object' || servers === null || Array.isArray(servers))
    throw new RangeError(`has a "${key}" that is not a table`);
  return servers as Readonly<Record<string, unknown>>; // a table
}
