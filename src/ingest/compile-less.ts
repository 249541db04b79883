import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 optimise less code from now on, for a reading that takes a few seconds and fills every processor: else a tenth
 * of all work is compiling. Only Node 20, which knows but one optimising compiler, a thorough one; where there is a quicker
 * one before it nothing is changed.
 */
export function compileLess(): void {
  if (!process.versions.node.startsWith('20.')) return;
  setFlagsFromString('--interrupt-budget=250000'); // of bytecode run, before a function counts as hot; else 67,584
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=300'); // bytes; else 920
}
