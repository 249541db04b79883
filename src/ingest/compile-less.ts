import { setFlagsFromString } from 'node:v8';

/**
 * Bytecode run before a function counts as hot, and how much may be inlined into one, in bytes of it. And the collector
 * of young garbage works by itself: the helpers it would wait for find no processor free.
 */
const fewer = ['--interrupt-budget=250000', '--max-inlined-bytecode-size-cumulative=300', '--no-parallel-scavenge'];
/** As V8 has them by itself. */
const usual = ['--interrupt-budget=67584', '--max-inlined-bytecode-size-cumulative=920', '--parallel-scavenge'];

let isLess = false;

/**
 * Has V8 optimise less code from now on, for a reading that takes a few seconds and fills every processor: else a tenth
 * of all work is compiling. Only Node 20, which knows but one optimising compiler, a thorough one; where there is a quicker
 * one before it nothing is changed.
 */
export function compileLess(): void {
  if (isLess || !process.versions.node.startsWith('20.')) return;
  isLess = true;
  for (const flag of fewer) setFlagsFromString(flag);
  // Compiled code that is kept is bound to the flags it was kept under.
  process.prependOnceListener('exit', () => {
    for (const flag of usual) setFlagsFromString(flag);
  });
}
