import { createHmac, hash, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The keyed hash for raw log bytes: HMAC-SHA-256, cut to 16 bytes, under a random key made at first start and kept
 * beside the database. Without the key nobody can try out guesses. Its bytes are the characters of a text, for a buffer
 * each would cost more than the hashing.
 */
export function createDigest(keyFile: string): (bytes: Uint8Array) => string {
  return hmac(loadKey(keyFile));
}

const blockSize = 64; // of SHA-256
const shortest = 16 * 1024;

/**
 * HMAC-SHA-256 (RFC 2104) of short messages by two one-shot hashes over a buffer kept for it: tool arguments are many
 * and small, and Node's Hmac objects cost more than the hashing.
 */
function hmac(key: Buffer): (bytes: Uint8Array) => string {
  const padded = Buffer.alloc(blockSize);
  (key.length > blockSize ? hash('sha256', key, 'buffer') : key).copy(padded);
  const inner = Buffer.alloc(blockSize + shortest);
  const outer = Buffer.alloc(blockSize + 32);
  padded.forEach((byte, i) => {
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  });
  return (bytes) => {
    if (bytes.length > shortest) return createHmac('sha256', key).update(bytes).digest('binary').slice(0, 16);
    inner.set(bytes, blockSize);
    outer.write(hash('sha256', inner.subarray(0, blockSize + bytes.length), 'binary'), blockSize, 'binary');
    return hash('sha256', outer, 'binary').slice(0, 16);
  };
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
