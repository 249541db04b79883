import { applyEdits, type FormattingOptions, modify, type ParseError, parse, parseTree } from 'jsonc-parser';
import type { EntryEditor } from './editor.ts';

/** Entries in JSON, comments allowed: nothing but the entry is touched. */
export const jsonEntries: EntryEditor = {
  read: (text, key, name) => serversOf(text, key)?.[name],
  set: (text, key, name, entry) => {
    serversOf(text, key);
    return edit(text, [key, name], entry);
  },
  remove: (text, key, name) => {
    const servers = serversOf(text, key);
    if (servers === undefined || !Object.hasOwn(servers, name)) return text;
    return edit(text, [key, name], undefined);
  },
};

function edit(text: string, path: readonly string[], value: unknown): string {
  const bom = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const source = text.slice(bom.length);
  const edits = modify(source.trim() === '' ? '{}' : source, [...path], value, { formattingOptions: formatOf(source) });
  const edited = applyEdits(source.trim() === '' ? '{}' : source, edits);
  return `${bom}${edited}${source === '' ? '\n' : ''}`;
}

/** Servers by name; undefined: the file has none. @throws RangeError when it is not what it must be */
function serversOf(text: string, key: string): Readonly<Record<string, unknown>> | undefined {
  const source = text.replace(/^\uFEFF/, '');
  if (source.trim() === '') return undefined;
  const errors: ParseError[] = [];
  const root: unknown = parse(source, errors, { allowTrailingComma: true });
  const [fault] = errors;
  if (fault !== undefined) {
    const line = source.slice(0, fault.offset).split('\n').length;
    throw new RangeError(`is not valid JSON (line ${line})`);
  }
  if (!isObject(root)) throw new RangeError('is not a JSON object');
  const servers = root[key];
  if (servers === undefined) return undefined;
  const named = parseTree(source)?.children?.filter((property) => property.children?.[0]?.value === key);
  if ((named?.length ?? 0) > 1) throw new RangeError(`has "${key}" twice`);
  if (!isObject(servers)) throw new RangeError(`has a "${key}" that is not an object`);
  return servers;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As the file is indented already. */
function formatOf(source: string): FormattingOptions {
  const [, indent = '  '] = /\n([ \t]+)\S/.exec(source) ?? [];
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: source.includes('\r\n') ? '\r\n' : '\n',
  };
}
