import { isDeepStrictEqual } from 'node:util';
import { createScanner, findNodeAtLocation, type Node, type ParseError, parse, parseTree } from 'jsonc-parser';
import type { EntryEditor } from './editor.ts';

/** Entries in JSON, comments allowed: nothing but the entry is touched. */
export const jsonEntries: EntryEditor = {
  read: (text, key, name) => serversOf(text, key)?.[name],
  set: (text, key, name, entry) => {
    const servers = serversOf(text, key);
    if (servers === undefined) return withProperty(text, [], key, { [name]: entry });
    if (!Object.hasOwn(servers, name)) return withProperty(text, [key], name, entry);
    return isDeepStrictEqual(servers[name], entry) ? text : withValue(text, [key, name], entry);
  },
  remove: (text, key, name) => {
    const servers = serversOf(text, key);
    return servers === undefined || !Object.hasOwn(servers, name) ? text : withoutProperty(text, key, name);
  },
};

/** Puts a property at the end of the object, as the file is written: on its line, or on lines of its own. */
function withProperty(text: string, path: readonly string[], name: string, value: unknown): string {
  const bom = text.startsWith('\uFEFF') ? 1 : 0;
  if (text.slice(bom).trim() === '') return `${text.slice(0, bom)}${JSON.stringify({ [name]: value }, null, 2)}\n`;
  const object = nodeAt(text, path);
  const open = bom + object.offset;
  const close = open + object.length - 1;
  const last = object.children?.at(-1);
  const end = last === undefined ? open + 1 : bom + last.offset + last.length;
  const comma = commaAt(text, end);
  const before = text.slice(0, end) + (last !== undefined && comma === undefined ? ',' : '');
  const isLine = last === undefined ? !text.trim().includes('\n') : !text.slice(open, close).includes('\n');
  const key = JSON.stringify(name);
  if (isLine) {
    const at = comma === undefined ? end : comma + 1;
    const blank = /"\s*:\s/.test(text) ? ' ' : '';
    const gap = last === undefined ? '' : blank;
    return `${before}${text.slice(end, at)}${gap}${key}:${blank}${JSON.stringify(value)}${text.slice(at)}`;
  }
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const outer = indentAt(text, open);
  const inner = last === undefined ? outer + unitOf(text) : indentAt(text, bom + last.offset);
  const content = text.slice(end, close).trimEnd(); // a comma and comments
  const lines = `${key}: ${JSON.stringify(value, null, unitOf(text))}`.replaceAll('\n', eol + inner);
  const rest = text.slice(end + content.length, close);
  return `${before}${content}${eol}${inner}${lines}${rest.includes('\n') ? rest : eol + outer}${text.slice(close)}`;
}

function withValue(text: string, path: readonly string[], value: unknown): string {
  const bom = text.startsWith('\uFEFF') ? 1 : 0;
  const node = nodeAt(text, path);
  const from = bom + node.offset;
  const isLine = !text.trim().includes('\n');
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const shown = isLine ? JSON.stringify(value) : JSON.stringify(value, null, unitOf(text));
  return text.slice(0, from) + shown.replaceAll('\n', eol + indentAt(text, from)) + text.slice(from + node.length);
}

/** Of a text that was parsed before. */
function nodeAt(text: string, path: readonly string[]): Node {
  const tree = parseTree(text.replace(/^\uFEFF/, ''), [], { allowTrailingComma: true });
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, [...path]);
  if (node === undefined) throw new RangeError('is not a JSON object');
  return node;
}

/** The blanks its line begins with. */
function indentAt(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start))?.[0] ?? '';
}

/** What a level is indented by. */
function unitOf(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
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
