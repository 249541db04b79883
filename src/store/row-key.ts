import { createHash } from 'node:crypto';

/**
 * The 16-byte key of a record: the first half of SHA-256 over provider and natural key, so that rows stay small and no
 * log can craft two records that collide.
 */
export function rowKey(provider: string, naturalKey: string): Buffer {
  return createHash('sha256').update(`${provider}\0${naturalKey}`).digest().subarray(0, 16);
}
