import {
  applyEdits,
  createScanner,
  type FormattingOptions,
  findNodeAtLocation,
  modify,
  type ParseError,
  parse,
  parseTree,
} from 'jsonc-parser';
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
    return servers === undefined || !Object.hasOwn(servers, name) ? text : withoutProperty(text, key, name);
  },
};

function edit(text: string, path: readonly string[], value: unknown): string {
  const bom = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const source = text.slice(bom.length);
  const edits = modify(source.trim() === '' ? '{}' : source, [...path], value, { formattingOptions: formatOf(source) });
  const edited = applyEdits(source.trim() === '' ? '{}' : source, edits);
  return `${bom}${edited}${source === '' ? '\n' : ''}`;
}

/** Cuts the property, one comma beside it and the line it had to itself; comments before and after it stay. */
function withoutProperty(text: string, key: string, name: string): string {
  const bom = text.startsWith('\uFEFF') ? 1 : 0;
  const tree = parseTree(text.slice(bom), [], { allowTrailingComma: true });
  const property = tree === undefined ? undefined : findNodeAtLocation(tree, [key, name])?.parent;
  const all = property?.parent?.children;
  if (property === undefined || all === undefined) return text;
  const from = bom + property.offset;
  const to = from + property.length;
  const after = commaAt(text, to);
  if (after !== undefined)
    return withoutBlank(text.slice(0, from) + text.slice(to, after) + text.slice(after + 1), from);
  // The last one takes the comma before it along: behind a last one many allow none.
  const earlier = all[all.indexOf(property) - 1];
  const before = earlier === undefined ? undefined : commaAt(text, bom + earlier.offset + earlier.length);
  if (before === undefined) return withoutBlank(text.slice(0, from) + text.slice(to), from);
  return withoutBlank(text.slice(0, before) + text.slice(before + 1, from) + text.slice(to), from - 1);
}

/** Where the next comma stands, past blanks and comments; undefined: something else comes first. */
function commaAt(text: string, from: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(from);
  scanner.scan();
  const at = scanner.getTokenOffset();
  return text[at] === ',' ? at : undefined;
}

/** Without the line at `at` when nothing is left in it, else without the blanks before `at`. */
function withoutBlank(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const end = text.indexOf('\n', at);
  if (end >= 0 && text.slice(start, end).trim() === '') return text.slice(0, start) + text.slice(end + 1);
  const before = text.slice(0, at).replace(/[ \t]+$/, '');
  return before.endsWith('\n') ? text : before + text.slice(at);
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
