import type { LogFile } from '../provider.ts';
import { compactJson } from './compact.ts';
import type { PickedShape, PickedSized, Plan, Shape } from './fields.ts';
import { recordsOf, type Scanner } from './scan.ts';
import { createScanner } from './scan-wasm.ts';

/** A JSON object in a file beside a log. */
export interface DocumentBeside<S extends Shape> {
  readonly fields: PickedShape<S>;
  /** Keyed hash of a value of it, in its form without white space; only until the next document is read. */
  digest(value: PickedSized<Shape>): string | undefined;
}

/**
 * Takes what a plan names from a file that says something about a log, by its path as for `LogFile.beside`. Undefined:
 * it is not there, is no JSON object, or is over 16 MiB.
 */
export function documentBeside<S extends Shape>(
  plan: Plan<S>,
): (file: LogFile, path: string) => DocumentBeside<S> | undefined {
  let scanner: Scanner<S> | undefined;
  return (file, path) => {
    const content = file.bytesBeside(path);
    if (content === undefined) return undefined;
    const picking = (scanner ??= createScanner(plan));
    picking.reserve(content.length);
    const { bytes } = picking;
    const size = compactJson(bytes, 0, content.copy(bytes));
    let found: PickedShape<S> | undefined;
    const isWhole = recordsOf(picking, 0, size, (record) => void (found ??= record));
    if (!isWhole || found === undefined) return undefined;
    return {
      fields: found,
      digest: ({ start, end }) =>
        start === undefined || end === undefined ? undefined : picking.digest(start, end, file.digest),
    };
  };
}
