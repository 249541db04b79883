import type { Batch, Host, LogReader, Provider } from '../provider.ts';
import { isFileError } from './open-log.ts';
import type { IngestSettings } from './settings.ts';

/** A provider broke while it read a log. The message says what and where in the program, without a word of the log. */
export class ProviderFault extends Error {}

/** A provider's file could not be loaded. The message says why; no log was read yet that it could quote. */
export class LoadFault extends Error {}

/**
 * The same settings with providers that cannot stop each other: one that breaks when asked for its roots or about a
 * name has none and takes none, which `faults` tells; one that breaks while reading throws a ProviderFault. Safe to
 * apply twice.
 */
export function guardSettings(settings: IngestSettings): GuardedSettings {
  if (settings.faults !== undefined) return { ...settings, faults: settings.faults };
  const faults = new Map<string, string>();
  const all = new Map<string, Provider>();
  const guarded = (providers: ReadonlyMap<string, Provider>): ReadonlyMap<string, Provider> => {
    for (const [id, provider] of providers) if (!all.has(id)) all.set(id, guardProvider(id, provider, faults));
    return new Map([...providers.keys()].map((id) => [id, all.get(id) as Provider])); // just set
  };
  const known = settings.known === undefined ? undefined : guarded(settings.known);
  return { ...settings, providers: guarded(settings.providers), known, faults };
}

export type GuardedSettings = IngestSettings & { readonly faults: ReadonlyMap<string, string> };

function guardProvider(id: string, provider: Provider, faults: Map<string, string>): Provider {
  const attempt = <T>(what: string, instead: T, ask: () => T): T => {
    try {
      return ask();
    } catch (error) {
      faults.set(id, error instanceof LoadFault ? error.message : `${what}: ${describeFault(error)}`);
      return instead;
    }
  };
  const { rewrites, database, folder, keepsDays, signs } = provider;
  return {
    ...provider,
    roots(host: Host) {
      faults.delete(id); // every look begins here
      return attempt('roots', [], () => provider.roots(host));
    },
    accepts: (path) => attempt('accepts', false, () => provider.accepts(path)),
    ...(signs === undefined ? {} : { signs: (host: Host) => attempt('signs', [], () => signs.call(provider, host)) }),
    ...(rewrites === undefined
      ? {}
      : { rewrites: (path: string) => attempt('rewrites', false, () => rewrites.call(provider, path)) }),
    ...(database === undefined
      ? {}
      : { database: (path: string) => attempt('database', undefined, () => database.call(provider, path)) }),
    ...(folder === undefined
      ? {}
      : { folder: (path: string) => attempt('folder', undefined, () => folder.call(provider, path)) }),
    ...(keepsDays === undefined
      ? {}
      : {
          keepsDays: (root: string, host: Host) =>
            attempt('keepsDays', undefined, () => keepsDays.call(provider, root, host)),
        }),
    read: guardReader(provider.read),
  };
}

/** For the thread that reads too, which has providers of its own. */
export function guardReader(read: LogReader): LogReader {
  return function* (file, from): Generator<Batch> {
    try {
      yield* read(file, from);
    } catch (error) {
      throw isFileError(error) || error instanceof ProviderFault ? error : new ProviderFault(describeFault(error));
    }
  };
}

/** `TypeError at takeUser (claude-code.js:512:7)`. The message is left out: what failed on a log may quote it. */
export function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no error';
  const name = /^[A-Za-z]{1,40}$/.test(error.name) ? error.name : 'Error';
  // A stack begins with the message, which may hold anything, lines that look like a stack too.
  const head = `${error.name}: ${error.message}`;
  const stack = error.stack?.startsWith(head) === true ? error.stack.slice(head.length) : '';
  const [, caller, place] =
    /^\n {4}at (?:([\w.$<> ]{1,80})(?: \[as [\w$]+\])? \()?[^\n]*?([\w.-]{1,80}:\d+:\d+)\)?(?:\n|$)/.exec(stack) ?? [];
  if (place === undefined) return name;
  return `${name} at ${caller === undefined ? place : `${caller} (${place})`}`;
}
