import { isUtf8 } from 'node:buffer';

/**
 * A file's name as text. On some systems a name is any bytes but NUL and `/`: what is UTF-8 in it is that text, and every
 * other byte stands as NUL and two hex digits, which no name can hold. So every name has one text and every text one name.
 */
export function nameOfBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  let name = '';
  for (let at = 0; at < bytes.length; ) {
    const character = bytes.subarray(at, at + sequenceLength(bytes[at] as number)); // within its length
    if (character.length > 0 && isUtf8(character)) {
      name += character.toString();
      at += character.length;
    } else {
      name += `\0${(bytes[at++] as number).toString(16).padStart(2, '0')}`;
    }
  }
  return name;
}

/** What the file system must be asked for to get the file of this path. */
export function systemPath(path: string): string | Buffer {
  if (!path.includes('\0')) return path;
  const [first = '', ...rest] = path.split('\0');
  return Buffer.concat([
    Buffer.from(first),
    ...rest.flatMap((part) => [Buffer.from(part.slice(0, 2), 'hex'), Buffer.from(part.slice(2))]),
  ]);
}

/** Bytes of the UTF-8 character that begins with this one; 0: none does. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}
