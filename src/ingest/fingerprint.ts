import { hash } from 'node:crypto';
import { readSync } from 'node:fs';

/** A file is known by its first bytes, up to this many, and by those before the offset. */
const fingerprintSize = 1024;
const tailSize = 256;

export interface Fingerprint {
  readonly fp: Buffer;
  readonly fpLen: number;
}

/** What a file read up to `offset` will be known by. */
export interface FileMarks extends Fingerprint {
  readonly tailHash: Buffer;
}

export function marksAt(fd: number, offset: number): FileMarks {
  return { tailHash: tailHash(fd, offset), ...fingerprint(fd, offset) };
}

/** SHA-256 of the first bytes up to the last newline among them; grows with the file until it covers 1,024. */
function fingerprint(fd: number, offset: number): Fingerprint {
  const bytes = readAt(fd, 0, Math.min(fingerprintSize, offset));
  const fpLen = bytes.length === fingerprintSize ? fingerprintSize : bytes.lastIndexOf(10) + 1;
  return { fp: sha256(bytes.subarray(0, fpLen)), fpLen };
}

/** Do the file's first bytes still have this fingerprint? An empty one matches every file. */
export function matches(fd: number, known: Fingerprint): boolean {
  const bytes = readAt(fd, 0, known.fpLen);
  return bytes.length === known.fpLen && (known.fpLen === 0 || sha256(bytes).equals(known.fp));
}

/** SHA-256 of the up to 256 bytes before `offset`. */
export function tailHash(fd: number, offset: number): Buffer {
  const size = Math.min(tailSize, offset);
  return sha256(readAt(fd, offset - size, size));
}

function readAt(fd: number, position: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  return bytes.subarray(0, size === 0 ? 0 : readSync(fd, bytes, 0, size, position));
}

function sha256(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer');
}
