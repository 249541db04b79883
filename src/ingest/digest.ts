import { createHmac, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The keyed hash for raw log bytes: HMAC-SHA-256, cut to 16 bytes, under a random key made at first start and kept
 * beside the database. Without the key nobody can try out guesses.
 */
export function createDigest(keyFile: string): (bytes: Uint8Array) => Uint8Array {
  const key = loadKey(keyFile);
  return (bytes) => createHmac('sha256', key).update(bytes).digest().subarray(0, 16);
}

function loadKey(file: string): Buffer {
  const found = readKey(file);
  if (found !== undefined) return found;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, randomBytes(32), { mode: 0o600 });
  try {
    linkSync(temporary, file); // fails when another first start was faster: then its key counts
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  return readKey(file) ?? randomBytes(32);
}

function readKey(file: string): Buffer | undefined {
  try {
    const key = readFileSync(file);
    return key.length >= 32 ? key : undefined;
  } catch {
    return undefined;
  }
}
