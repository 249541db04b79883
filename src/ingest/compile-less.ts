import { setFlagsFromString } from 'node:v8';

/** Each with what V8 has by itself. */
const flags = [
  // Bytecode run before a function counts as hot, and how much may be inlined into one, in bytes of it.
  ['--interrupt-budget=250000', '--interrupt-budget=67584'],
  ['--max-inlined-bytecode-size-cumulative=300', '--max-inlined-bytecode-size-cumulative=920'],
  // Code is not made for what was seen of objects up to then, how long they live and what their fields hold: in a program
  // this short it would be thrown away again when the first unusual row comes.
  ['--no-allocation-site-pretenuring', '--allocation-site-pretenuring'],
  ['--no-track-field-types', '--track-field-types'],
  // The collector of young garbage works by itself: the helpers it would wait for find no processor free.
  ['--no-parallel-scavenge', '--parallel-scavenge'],
] as const;

/**
 * Has V8 optimise less code from now on, for a reading that takes a few seconds and fills every processor: else a tenth
 * of all work is compiling. Only Node 20, which knows but one optimising compiler, a thorough one; where there is a quicker
 * one before it nothing is changed. Holds for every thread until the calling one ends, which is to call it when all is
 * loaded: Node's own modules lie compiled for the usual flags, and a thread takes twice as long to start under others.
 */
export function compileLess(): void {
  if (!process.versions.node.startsWith('20.')) return;
  for (const [flag] of flags) setFlagsFromString(flag);
  // Compiled code that is kept is bound to the flags it was kept under.
  process.prependOnceListener('exit', () => {
    for (const [, flag] of flags) setFlagsFromString(flag);
  });
}
