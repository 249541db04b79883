import { basename } from 'node:path';
import { keyedHash } from '../../src/keyed-hash.ts';
import type { LogFile } from '../../src/provider.ts';

/** A log as a reader is handed it, for tests of readers alone. */
export function logFile(facts: Pick<LogFile, 'fd' | 'path' | 'sizeBytes'> & Partial<LogFile>): LogFile {
  return {
    relativePath: basename(facts.path),
    scope: '1:0',
    number: 1,
    scratch: '',
    digest: keyedHash(Buffer.alloc(16)),
    beside: () => undefined,
    namesBeside: () => [],
    bytesBeside: () => undefined,
    takeTail: true,
    ...facts,
  };
}
