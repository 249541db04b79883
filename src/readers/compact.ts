const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Takes the white space between the values of a JSON text out of the bytes, in place, and gives where it then ends. So
 * sizes and digests of a value are the same in a file written for people and in one with a record a line.
 */
export function compactJson(bytes: Buffer, from: number, to: number): number {
  let end = from;
  let at = from;
  while (at < to) {
    const byte = bytes[at] as number;
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
      at++;
    } else if (byte === QUOTE) {
      const behind = endOfString(bytes, at + 1, to);
      if (end !== at) bytes.copyWithin(end, at, behind);
      end += behind - at;
      at = behind;
    } else {
      bytes[end++] = byte;
      at++;
    }
  }
  return end;
}

function endOfString(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return Math.min(at + 1, to);
}
