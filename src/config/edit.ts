import { isDeepStrictEqual } from 'node:util';
import { parse } from 'smol-toml';
import { keyLines } from './lines.ts';

type Tables = Readonly<Record<string, unknown>>;

/**
 * A TOML text with these keys of one of its sections set, and every other byte as it was.
 * @throws RangeError, as the end of a sentence about the file, when only a person can make the change
 */
export function withSettings(text: string, section: string, values: Readonly<Record<string, number>>): string {
  const before = tablesOf(text);
  const end = text.includes('\r\n') ? '\r' : '';
  const edited = Object.entries(values)
    .toReversed()
    .reduce<readonly string[]>(
      (lines, [key, value]) => withSetting(lines, section, key, `${value}${end}`),
      text === '' ? [] : text.replace(/\n$/, '').split('\n'),
    );
  const after = `${edited.join('\n')}\n`;
  const wanted = { ...before, [section]: { ...(before[section] as Tables | undefined), ...values } }; // compared below, whatever it is
  if (!isDeepStrictEqual(plain(read(after)), plain(wanted)))
    throw new RangeError(`has its [${section}] written in a way that only you can edit`);
  return after;
}

/** Replaces the value where the key stands, else adds the key below the section's name, else the section. */
function withSetting(lines: readonly string[], section: string, key: string, value: string): readonly string[] {
  const text = `${lines.join('\n')}\n`;
  const table = read(text)?.[section] as Tables | undefined; // looked into only for whether the key is there
  if (table !== undefined && Object.hasOwn(table, key)) {
    const at = (keyLines(text)([section, key]) ?? 0) - 1;
    return lines.map((each, index) => (index === at ? each.replace(/(=\s*)[^\s#]+/, `$1${value.trimEnd()}`) : each));
  }
  const header = lines.findIndex((each) => /^\s*\[\s*([^[\]]+?)\s*\]/.exec(each)?.[1] === section);
  if (header >= 0) return [...lines.slice(0, header + 1), `${key} = ${value}`, ...lines.slice(header + 1)];
  const end = value.endsWith('\r') ? '\r' : '';
  const last = lines.at(-1);
  const before = last === undefined || last.endsWith(end) ? lines : [...lines.slice(0, -1), `${last}${end}`];
  const gap = last === undefined || last.trim() === '' ? [] : [end];
  return [...before, ...gap, `[${section}]${end}`, `${key} = ${value}`];
}

function tablesOf(text: string): Tables {
  const tables = read(text);
  if (tables === undefined) throw new RangeError('is not valid TOML');
  return tables;
}

/** Undefined: it is no TOML. */
function read(text: string): Tables | undefined {
  try {
    return parse(text.replace(/^\uFEFF/, ''), { integersAsBigInt: 'asNeeded' });
  } catch {
    return undefined;
  }
}

/** Without prototypes and dates of their own kind, so that values can be compared; 5.0 and 5 are one. */
function plain(value: unknown): unknown {
  if (value === undefined) return undefined;
  return JSON.parse(JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? Number(item) : item)));
}
