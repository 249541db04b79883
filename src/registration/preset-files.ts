import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ScopeonError } from '../errors.ts';
import { apply, textOf } from './register.ts';
import { tomlEntries } from './toml-entry.ts';

/** A file a preset is made of, as its preview shows it. It is the preset's alone. */
export interface PresetFile {
  readonly kind: string;
  /** Begins with `~`. */
  readonly path: string;
  readonly content: string;
}

/** Where files of presets lie on this machine. */
export interface PresetPlace {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Writes it whole; a launcher can be run then. @throws ScopeonError `failure` */
export function writePresetFile(
  file: PresetFile,
  place: PresetPlace,
): { readonly path: string /** Of what was there and is another. */; readonly backup: string | undefined } {
  const path = pathOf(file.path, place);
  const backup = apply({ path, before: textOf(path), after: file.content });
  if (file.kind === 'launcher' && process.platform !== 'win32') chmodSync(path, 0o755);
  return { path, backup };
}

/** Removes it; one that somebody edited is left. Undefined: it is not there. */
export function removePresetFile(
  file: PresetFile,
  place: PresetPlace,
): { readonly path: string; readonly isKept: boolean } | undefined {
  const path = pathOf(file.path, place);
  const there = textOf(path);
  if (there === undefined) return undefined;
  if (there === file.content) rmSync(path, { force: true });
  return { path, isKept: there !== file.content };
}

/** Notes in the configuration which preset each agent has; what else is in it stays. @throws ScopeonError */
export function notePresets(path: string, presets: Readonly<Record<string, string>>): void {
  const before = textOf(path);
  const after = edited(path, before ?? '', presets);
  if (after !== (before ?? '')) apply({ path, before, after });
}

function edited(path: string, text: string, presets: Readonly<Record<string, string>>): string {
  try {
    return Object.keys(presets).length === 0
      ? tomlEntries.remove(text, 'optimizer', 'applied_presets')
      : tomlEntries.set(text, 'optimizer', 'applied_presets', presets);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ScopeonError('failure', `${path} ${error.message}.`, {
      hint: 'The preset is in place; only the note of it is not.',
      cause: error,
    });
  }
}

function pathOf(path: string, { home, env }: PresetPlace): string {
  const below = path.replace(/^~[\\/]/, '');
  const inCodex = /^\.codex[\\/](.*)$/.exec(below)?.[1];
  return inCodex !== undefined && env.CODEX_HOME ? join(env.CODEX_HOME, inCodex) : join(home, below);
}
