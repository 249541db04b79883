import { createHmac, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type KeyedHash, keyedHash } from '../keyed-hash.ts';

/**
 * The keyed hash for raw log bytes, under a key of its own made from the random one that is made at first start and kept
 * beside the database.
 */
export function createDigest(keyFile: string): KeyedHash {
  return keyedHash(createHmac('sha256', loadKey(keyFile)).update('log bytes').digest().subarray(0, 16));
}

const keySize = 32;

function loadKey(file: string): Buffer {
  const found = readKey(file);
  if (found !== undefined) return found;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Threads of one process stand here at the same time.
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(temporary, randomBytes(keySize), { mode: 0o600 });
  try {
    linkSync(temporary, file); // fails when somebody else was faster: then that key counts
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (statSync(file).size < keySize) renameSync(temporary, file); // it was lost when the machine went down
  } finally {
    rmSync(temporary, { force: true });
  }
  return readKey(file) ?? randomBytes(keySize);
}

function readKey(file: string): Buffer | undefined {
  try {
    const key = readFileSync(file);
    return key.length >= keySize ? key : undefined;
  } catch {
    return undefined;
  }
}
