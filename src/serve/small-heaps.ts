import { setFlagsFromString } from 'node:v8';

/**
 * Of each thread V8 keeps up to 48 MiB for what is made and dropped at once, and a server that answers a few small
 * questions needs no tenth of it. Called before threads are started; this thread's stays as large as it is by then.
 */
export function keepHeapsSmall(): void {
  setFlagsFromString('--max-semi-space-size=4'); // MiB, of threads started later; else 16
  setFlagsFromString('--semi-space-growth-factor=1'); // it does not grow; else 2
}
