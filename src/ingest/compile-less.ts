import { setFlagsFromString } from 'node:v8';

/** Each with what V8 has by itself. */
const flags = [
  // Bytecode run before a function counts as hot, and how much may be inlined into one, in bytes of it.
  ['--interrupt-budget=400000', '--interrupt-budget=67584'],
  ['--max-inlined-bytecode-size-cumulative=300', '--max-inlined-bytecode-size-cumulative=920'],
  // Code is not made for what fields were seen to hold up to then: it would be thrown away when the first unusual row comes.
  ['--no-track-field-types', '--track-field-types'],
  // Room for young garbage grows at once to what it comes to anyway, so that less of it is copied about.
  ['--semi-space-growth-factor=8', '--semi-space-growth-factor=2'],
  // The collector of young garbage works by itself: the helpers it would wait for find no processor free.
  ['--no-parallel-scavenge', '--parallel-scavenge'],
] as const;

const hasOneCompiler = process.versions.node.startsWith('20.');

/**
 * Has V8 optimise less code from now on, in every thread, for a reading that takes a few seconds and fills every processor:
 * else a tenth of all work is compiling. To be called by the thread that reads along when all of it is loaded: Node's own
 * modules lie compiled for the usual flags, and a thread takes twice as long to start under others. Only Node 20, which
 * knows but one optimising compiler, a thorough one; where there is a quicker one before it nothing is changed.
 */
export function compileLess(): void {
  if (!hasOneCompiler) return;
  for (const [flag] of flags) setFlagsFromString(flag);
  process.prependOnceListener('exit', compileAsUsual);
}

/** Compiled code that is kept is bound to the flags it was kept under, so these come back before it is. */
export function compileAsUsual(): void {
  if (hasOneCompiler) for (const [, flag] of flags) setFlagsFromString(flag);
}
