/** Bytes of an answer. */
const maxBytes = 256 * 1024;
const maxItems = 500;
const maxNameChars = 128;
/** Ours, made of numbers and fixed words, or a whole document: not names from logs. */
const sentences = new Set([
  'body',
  'command_preview',
  'content',
  'description',
  'evidence',
  'formula',
  'hint',
  'launch_command',
  'message',
  'note',
  'reason',
  'summary',
  'text',
  'title',
  'tradeoff',
  'warnings',
]);

/**
 * An answer of a size an agent can take: lists have at most 500 items, names 128 characters, and what is still above
 * 256 KiB loses items of its longest list. `truncated` says that something is missing.
 */
export function bounded(answer: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const cut = { any: false };
  const copy = copyOf(answer, '', cut) as Record<string, unknown>; // of a record
  while (byteLength(copy) > maxBytes) {
    const longest = longestList(copy);
    if (longest === undefined || longest.length < 2) break;
    longest.length = Math.floor(longest.length / 2);
    cut.any = true;
  }
  if (cut.any) copy.truncated = true;
  return copy;
}

function byteLength(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function copyOf(value: unknown, key: string, cut: { any: boolean }): unknown {
  if (typeof value === 'string') return sentences.has(key) || value.length <= maxNameChars ? value : clip(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    if (value.length > maxItems) cut.any = true;
    return value.slice(0, maxItems).map((item) => copyOf(item, key, cut));
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copyOf(item, name, cut)]));
}

function clip(name: string): string {
  return `${[...name].slice(0, maxNameChars - 1).join('')}…`;
}

function longestList(value: unknown): unknown[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  let longest = Array.isArray(value) ? value : undefined;
  for (const item of Object.values(value)) {
    const found = longestList(item);
    if (found !== undefined && found.length > (longest?.length ?? 0)) longest = found;
  }
  return longest;
}
