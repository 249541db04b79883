/** What a tool does, as far as its name tells. Agents name their tools freely, so these are patterns, not lists. */

const readers = new Set(['view', 'cat', 'head', 'tail', 'glob', 'read_file', 'find', 'ls']);

/** Reads files. */
export function isFileRead(name: string): boolean {
  const lower = name.toLowerCase();
  return readers.has(lower) || lower.startsWith('read') || lower.includes('read_file') || lower.includes('view_file');
}

/** Writes files. */
export function isFileWrite(name: string): boolean {
  return hasAny(name, ['write', 'edit', 'patch', 'create', 'apply']);
}

/** Runs commands, and so may change anything. */
export function isShell(name: string): boolean {
  return hasAny(name, ['bash', 'shell', 'exec', 'terminal', 'command', 'run']);
}

/** Looks for something: in files, or on the web. */
export function isSearch(name: string): boolean {
  return hasAny(name, ['search', 'rg', 'grep', 'view', 'read', 'fetch', 'web']);
}

/** Holds one of these parts, whatever the case; a part of two letters only as a word of its own (`rg` is not in `merge`). */
export function hasAny(name: string, parts: readonly string[]): boolean {
  const lower = name.toLowerCase();
  const words = new Set(lower.split(/[^a-z0-9]+/));
  return parts.some((part) => (part.length > 2 ? lower.includes(part) : words.has(part)));
}
