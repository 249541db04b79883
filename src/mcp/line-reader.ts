/** Cuts a stream of bytes into lines; one that is too long is told of and skipped to its end, whatever its size. */
export interface LineReader {
  push(chunk: Buffer): void;
}

export function createLineReader(
  maxBytes: number,
  take: { readonly line: (text: string) => void; readonly tooLong: () => void },
): LineReader {
  let parts: Buffer[] = [];
  let held = 0;
  let skipping = false;

  function add(part: Buffer): void {
    if (skipping) return;
    if (held + part.length > maxBytes) {
      skipping = true;
      parts = [];
      held = 0;
      take.tooLong();
      return;
    }
    parts.push(part);
    held += part.length;
  }

  function end(): void {
    const text = skipping ? undefined : Buffer.concat(parts).toString('utf8');
    parts = [];
    held = 0;
    skipping = false;
    if (text !== undefined && text.trim() !== '') take.line(text);
  }

  return {
    push(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(10, from); at !== -1; at = chunk.indexOf(10, from)) {
        add(chunk.subarray(from, at));
        end();
        from = at + 1;
      }
      if (from < chunk.length) add(chunk.subarray(from));
    },
  };
}
