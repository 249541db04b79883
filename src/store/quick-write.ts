/** Buffer's own writers, which no documentation names: `write` looks at its arguments for longer than these take. */
interface Writers {
  readonly utf8Write?: (text: string, offset: number, length: number) => number;
  readonly latin1Write?: (text: string, offset: number, length: number) => number;
}

/** Writes a text at the start of a buffer again and again; gives its size in bytes. What has no room is left out. */
export function textWriter(into: Buffer & Writers, encoding: 'utf8' | 'latin1'): (text: string) => number {
  if (into.utf8Write === undefined || into.latin1Write === undefined) return (text) => into.write(text, encoding);
  const buffer = into as Buffer & Required<Writers>;
  const { length } = into;
  return encoding === 'utf8'
    ? (text) => buffer.utf8Write(text, 0, length)
    : (text) => buffer.latin1Write(text, 0, length);
}
