/** A key from the root of a file: names, and positions in arrays of tables. */
export type KeyPath = readonly (string | number)[];

/**
 * Where each key of a TOML text stands. The parser tells what a file says but not where, so this walks over the text once
 * more; the text must already have parsed. Answers with a line from 1: that of the key, else of the nearest table around it;
 * undefined when unsure.
 */
export function keyLines(toml: string): (path: KeyPath) => number | undefined {
  const lines = new Map<string, number>();
  try {
    scan(toml, lines);
  } catch {
    // Something this scanner does not know: what it has seen up to there is right, the rest has no line.
  }
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const line = lines.get(JSON.stringify(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  };
}

function scan(text: string, lines: Map<string, number>): void {
  let at = 0;
  let counted = 0;
  let line = 1;
  let table: KeyPath = [];
  /** How many `[[name]]` have been seen, by path. */
  const arrays = new Map<string, number>();

  for (skipBlank(); at < text.length; skipBlank()) {
    if (text[at] === '[') header();
    else pair(table);
  }

  function header(): void {
    const isArray = text[at + 1] === '[';
    at += isArray ? 2 : 1;
    const names = key();
    at += isArray ? 2 : 1;
    table = [];
    for (const [i, name] of names.entries()) {
      table = [...table, name];
      note(table);
      const id = JSON.stringify(table);
      const seen = arrays.get(id);
      if (isArray && i === names.length - 1) {
        arrays.set(id, (seen ?? 0) + 1);
        table = [...table, seen ?? 0];
      } else if (seen !== undefined) table = [...table, seen - 1];
    }
    note(table);
  }

  function pair(base: KeyPath): void {
    skipBlank();
    const start = at;
    const path = [...base, ...key()];
    expect('=');
    for (let length = base.length + 1; length <= path.length; length++) note(path.slice(0, length), start);
    value(path);
  }

  function value(path: KeyPath): void {
    skipBlank();
    const first = text[at];
    if (first === '"' || first === "'") skipString();
    else if (first === '{') list('}', () => pair(path));
    else if (first === '[') {
      let i = 0;
      list(']', () => {
        note([...path, i]);
        value([...path, i++]);
      });
    } else skipBare();
  }

  /** Numbers, dates, true and false: up to whatever may follow a value. */
  function skipBare(): void {
    const start = at;
    while (at < text.length && !',]}\n#'.includes(text[at] ?? '')) at++;
    if (at === start) throw new Error('no value here');
  }

  function list(close: string, item: () => void): void {
    at++;
    for (;;) {
      skipBlank();
      if (at >= text.length) throw new Error('unfinished');
      if (text[at] === ',') at++;
      else if (text[at] === close) break;
      else item();
    }
    at++;
  }

  function key(): string[] {
    const names: string[] = [];
    do {
      if (names.length > 0) at++;
      skipSpace();
      names.push(name());
      skipSpace();
    } while (text[at] === '.');
    return names;
  }

  function name(): string {
    const start = at;
    if (text[at] === '"' || text[at] === "'") {
      skipString();
      const raw = text.slice(start, at);
      // JSON knows the escapes in common use; with another the scan ends here.
      return raw.startsWith('"') ? String(JSON.parse(raw)) : raw.slice(1, -1);
    }
    while (/[A-Za-z0-9_-]/.test(text[at] ?? '')) at++;
    if (at === start) throw new Error('no key here');
    return text.slice(start, at);
  }

  function skipString(): void {
    const quote = text[at] ?? '';
    const isLong = text.startsWith(quote.repeat(3), at);
    const close = isLong ? quote.repeat(3) : quote;
    at += close.length;
    while (!text.startsWith(close, at)) {
      if (at >= text.length) throw new Error('unfinished');
      at += quote === '"' && text[at] === '\\' ? 2 : 1;
    }
    at += close.length;
    // A long string may end in up to two quotes of its own.
    while (isLong && text[at] === quote) at++;
  }

  function skipSpace(): void {
    while (text[at] === ' ' || text[at] === '\t') at++;
  }

  function skipBlank(): void {
    for (;;) {
      while (/\s/.test(text[at] ?? '')) at++;
      if (text[at] !== '#') return;
      while (at < text.length && text[at] !== '\n') at++;
    }
  }

  function expect(character: string): void {
    if (text[at] !== character) throw new Error(`no ${character} here`);
    at++;
  }

  /** Positions only grow, so each line break is counted once. The first place of a key is its line. */
  function note(path: KeyPath, position = at): void {
    for (; counted < position; counted++) if (text[counted] === '\n') line++;
    const id = JSON.stringify(path);
    if (!lines.has(id)) lines.set(id, line);
  }
}
